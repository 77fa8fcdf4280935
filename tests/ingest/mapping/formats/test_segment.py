import json


def call(n, event, user=None, kind="track", **properties):
    return {
        "type": kind, "event": event, "userId": user, "anonymousId": "anon-1", "messageId": f"m{n}",
        "timestamp": f"2024-01-01T10:00:{n:02}.000Z", "properties": properties,
    }  # fmt: skip


def test_calls_of_the_ecommerce_spec(bench, read):
    calls = [
        call(1, "Product Viewed", product_id="a", price=18.99, category="Games"),
        call(2, "Product List Viewed", products=[{"product_id": "a"}, {"product_id": "b"}]),
        call(3, "Product Added", "u1", product_id="a", price=18.99),
        call(
            4, "Order Completed", "u1", order_id="1", products=[{"product_id": "a", "price": 19}, {"product_id": "b"}]
        ),
        call(5, None, kind="page", url="/"),
    ]
    ledger = read("segment", {"calls.jsonl": "".join(json.dumps(each) + "\n" for each in calls)})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("anon-1", "a", "view", 18.99), ("u1", "a", "add_to_cart", 18.99), ("u1", "a", "purchase", 19.0),
        ("u1", "b", "purchase", None),
    ]  # fmt: skip
    assert ledger.ignored == {"(not in where)": 1, "Product List Viewed": 2}
    assert dict(bench.values("items", "item_id", "category"))["a"] == "Games"
