CLICKS = """1,2014-04-07T10:51:09.277Z,214536502,0
1,2014-04-07T10:54:09.868Z,214536500,S
2,2014-04-07T13:56:37.614Z,214662742,7
"""
BUYS = """1,2014-04-07T10:58:00.306Z,214536502,12462,1
2,2014-04-07T13:59:37.614Z,214662742,0,0
"""


def test_clicks_are_views_and_buys_are_purchases(bench, read):
    ledger = read("yoochoose", {"yoochoose-clicks.dat": CLICKS, "yoochoose-buys.dat": BUYS})
    assert (ledger.files, ledger.events, ledger.quarantined) == (2, 5, {})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("1", "214536502", "view", None), ("1", "214536500", "view", None), ("1", "214536502", "purchase", 12462.0),
        ("2", "214662742", "view", None), ("2", "214662742", "purchase", None),
    ]  # fmt: skip
    assert bench.values("items", "item_id", "category", "base_price") == [
        ("214536500", "S", None), ("214536502", None, None), ("214662742", "7", None),
    ]  # fmt: skip
