import json
from datetime import UTC, datetime

VISIT = {
    "idVisit": "1", "visitorId": "c1c8a4b6", "userId": None,
    "actionDetails": [
        {"type": "action", "url": "https://shop/", "timestamp": 1704103200},
        {"type": "action", "url": "https://shop/a", "timestamp": 1704103260, "productViewSku": "a",
         "productViewName": "Apple", "productViewCategories": ["Fruit", "Food"], "productViewPrice": 1.5},
        {"type": "ecommerceAbandonedCart", "timestamp": 1704103300, "revenue": "1.5",
         "itemDetails": [{"itemSKU": "a", "itemCategory": "Fruit", "price": "1.5", "quantity": "1"}]},
        {"type": "ecommerceOrder", "orderId": "7", "timestamp": 1704103320, "revenue": "4",
         "itemDetails": [{"itemSKU": "a", "price": "1.5", "quantity": "1"}, {"itemSKU": "b", "price": "2.5"}]},
    ],
}  # fmt: skip


def test_the_actions_of_a_visit(bench, read):
    ledger = read("matomo", {"visits.jsonl": json.dumps(VISIT) + "\n"})
    assert (ledger.events, ledger.quarantined) == (4, {})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("c1c8a4b6", "a", "view", 1.5), ("c1c8a4b6", "a", "add_to_cart", 1.5), ("c1c8a4b6", "a", "purchase", 1.5),
        ("c1c8a4b6", "b", "purchase", 2.5),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2024, 1, 1, 10, 1, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category"))["a"] == "Fruit"
