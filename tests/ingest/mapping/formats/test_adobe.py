from datetime import UTC, datetime

FEED = """hit_time_gmt	exclude_hit	post_visid_high	post_visid_low	post_event_list	post_product_list	post_pagename
1704103200	0	11	22	2,200	Shoes;a	"Shoe a
1704103260	0	11	22	12,200	Shoes;a;1;9.50	cart
1704103320	0	11	22	1,200	Shoes;a;2;19.00;event1=3;eVar1=x,;b;1;4.00	thanks
1704103380	0	11	22	10		start
1704103440	1	11	22	2	Shoes;a	excluded
"""


def test_a_hit_is_its_events_and_products(bench, read):
    ledger = read("adobe", {"hit_data.tsv": FEED})
    assert (ledger.events, ledger.quarantined) == (4, {})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("11-22", "a", "view", None), ("11-22", "a", "add_to_cart", 9.5), ("11-22", "a", "purchase", 9.5),
        ("11-22", "b", "purchase", 4.0),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category")) == {"a": "Shoes", "b": None}
