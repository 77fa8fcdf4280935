import json

PRODUCT = {"id": "632910392", "title": "IPod Nano", "type": "Cult Products"}
VARIANT = {"id": "49148385", "price": {"amount": 199.5, "currencyCode": "USD"}, "product": PRODUCT}
EVENTS = [
    {"id": "e1", "name": "product_viewed", "clientId": "c1", "timestamp": "2024-01-01T10:00:00.000Z",
     "data": {"productVariant": VARIANT}},
    {"id": "e2", "name": "product_added_to_cart", "clientId": "c1", "customerId": 7, "timestamp": "2024-01-01T10:01:00",
     "data": {"cartLine": {"merchandise": VARIANT, "quantity": 1}}},
    {"id": "e3", "name": "page_viewed", "clientId": "c1", "timestamp": "2024-01-01T10:02:00.000Z", "data": {}},
    {"id": "e3", "name": "checkout_completed", "clientId": "c1", "timestamp": "2024-01-01T10:03:00.000Z", "data": {}},
]  # fmt: skip
ORDER = {
    "id": 450789469, "created_at": "2024-01-01T11:03:00+01:00", "email": "bob@example.com", "customer": {"id": 7},
    "line_items": [{"product_id": 632910392, "price": "199.00", "quantity": 1}, {"product_id": 2, "price": "1.00"}],
}  # fmt: skip


def test_orders_and_what_a_pixel_saw(bench, read):
    files = {"orders.jsonl": [ORDER], "pixel.jsonl": EVENTS}
    ledger = read("shopify", {name: "".join(json.dumps(row) + "\n" for row in rows) for name, rows in files.items()})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("c1", "632910392", "view", 199.5), ("7", "632910392", "add_to_cart", 199.5), ("7", "2", "purchase", 1.0),
        ("7", "632910392", "purchase", 199.0),
    ]  # fmt: skip
    assert ledger.ignored == {"checkout_completed": 1, "page_viewed": 1}
    assert dict(bench.values("items", "item_id", "category"))["632910392"] == "Cult Products"
