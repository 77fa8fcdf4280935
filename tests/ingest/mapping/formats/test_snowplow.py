import json

ACTION = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1"
PRODUCT = "contexts_com_snowplowanalytics_snowplow_ecommerce_product_1"


def event(event_id, kind, *products, second=0):
    return {
        "event_id": event_id, "event_name": "snowplow_ecommerce_action", "domain_userid": "d1", "user_id": None,
        "collector_tstamp": "2024-01-01T10:00:59.000Z", "derived_tstamp": f"2024-01-01T10:00:{second:02}.123Z",
        ACTION: {"type": kind}, PRODUCT: [{"id": each, "category": "Shoes", "price": 9.5} for each in products],
    }  # fmt: skip


def test_actions_with_their_products(bench, read):
    events = [
        event("e1", "product_view", "a"), event("e2", "list_view", "a", "b"), event("e3", "add_to_cart", "a", second=1),
        event("e4", "transaction", "a", "b", second=2), event("e4", "transaction", "a", second=3),
        {"event_id": "e5", "event_name": "page_view", "domain_userid": "d1", "derived_tstamp": "2024-01-01T10:00:00Z"},
    ]  # fmt: skip
    ledger = read("snowplow", {"enriched.json": "".join(json.dumps(e) + "\n" for e in events)})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("d1", "a", "view", 9.5), ("d1", "a", "add_to_cart", 9.5), ("d1", "a", "purchase", 9.5),
        ("d1", "b", "purchase", 9.5),
    ]  # fmt: skip
    assert ledger.ignored == {"(not in where)": 1, "list_view": 2}
    assert ledger.quarantined == {"event sent again": 1}
