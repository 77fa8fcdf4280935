from datetime import UTC, datetime

VIEWS = """sessionId;userId;itemId;timeframe;eventdate
1;NA;81766;526309;2016-05-09
1;NA;31331;1031018;2016-05-09
2;17;32118;243569;2016-05-09
3;NA;9;x;2016-05-09
"""
PURCHASES = """sessionId;userId;timeframe;eventdate;ordernumber;itemId
1;NA;1100000;2016-05-09;16421;31331
"""
CATEGORIES = "itemId;categoryId\n81766;1096\n31331;1096\n"


def test_views_purchases_and_categories(bench, read):
    bench.write(CATEGORIES, "product-categories.csv")
    ledger = read("diginetica", {"train-item-views.csv": VIEWS, "train-purchases.csv": PURCHASES})
    assert bench.values("events", "user_id", "item_id", "event_type") == [
        ("2", "32118", "view"), ("1", "81766", "view"), ("1", "31331", "view"), ("1", "31331", "purchase"),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2016, 5, 9, 0, 4, 3, 569_000, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category")) == {"81766": "1096", "31331": "1096", "32118": None}
    assert ledger.quarantined == {"missing time": 1} and bench.values("quarantine", "line") == [5]
