import json
from datetime import UTC, datetime

ORDER = {
    "id": 727, "status": "processing", "date_created_gmt": "2017-03-22T19:28:02", "customer_id": 0,
    "customer_ip_address": "10.0.0.1",
    "line_items": [{"product_id": 93, "quantity": 2, "price": 3}, {"product_id": 22, "quantity": 1, "price": 12.5}],
}  # fmt: skip
PRODUCTS = [
    {"id": 93, "slug": "woo-single", "categories": [{"id": 9, "name": "Music"}, {"id": 7, "name": "Singles"}]},
    {"id": 22, "slug": "%e9%9d%b4", "categories": [{"id": 15, "name": "Shoes"}]},
]
ACCESS = """10.0.0.1 - - [22/Mar/2017:16:00:00 -0300] "GET /product/woo-single/?x=1 HTTP/1.1" 200 1 "-" "say \\"hi\\""
10.0.0.1 - - [22/Mar/2017:16:01:00 -0300] "POST /product/%E9%9D%B4/ HTTP/1.1" 302 1 "-" "-"
10.0.0.1 - - [22/Mar/2017:16:02:00 -0300] "GET /shop/?add-to-cart=93 HTTP/1.1" 302 1 "-" "-"
10.0.0.1 - - [22/Mar/2017:16:03:00 -0300] "GET /product/gone/ HTTP/1.1" 404 1 "-" "-"
10.0.0.1 - - [22/Mar/2017:16:03:00 -0300] "HEAD /product/woo-single/ HTTP/1.1" 200 1 "-" "-"
10.0.0.1 - - [22/Mar/2017:16:03:00 -0300] "GET /cart/ HTTP/1.1" 200 1 "-" "-"
"""


def _lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_orders_and_requests_meet_in_an_address(bench, read):
    orders = [ORDER, ORDER | {"status": "cancelled", "date_created_gmt": "2017-03-23T00:00:00"}]
    files = {"access.log": ACCESS, "orders.jsonl": _lines(orders), "products.jsonl": _lines(PRODUCTS)}
    ledger = read("woocommerce", files)
    assert (ledger.events, ledger.quarantined) == (5, {})
    assert bench.values("events", "user_id", "item_id", "event_type", "price", "quantity") == [
        ("10.0.0.1", "93", "view", None, None), ("10.0.0.1", "22", "add_to_cart", None, None),
        ("10.0.0.1", "93", "add_to_cart", None, None), ("10.0.0.1", "22", "purchase", 12.5, 1.0),
        ("10.0.0.1", "93", "purchase", 3.0, 2.0),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2017, 3, 22, 19, 0, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category")) == {"93": "Music", "22": "Shoes"}
