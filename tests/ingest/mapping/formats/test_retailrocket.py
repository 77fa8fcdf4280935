from datetime import UTC, datetime

import pytest

LOG = """timestamp,visitorid,event,itemid,transactionid
1433221332117,257597,view,355908,
1433224214164,992329,addtocart,248676,
1433221999827,111016,transaction,318965,4000
"""
PROPERTIES = """timestamp,itemid,property,value
1435460400000,355908,categoryid,1338
1441508400000,355908,categoryid,9999
1435460400000,248676,888,1116713 960601 n277.200
1435460400000,248676,available,0
"""


@pytest.mark.parametrize("properties", [True, False])
def test_categories_are_the_first_of_the_properties_if_there_are_any(bench, read, properties):
    logs = {"events.csv": LOG} | ({"item_properties_part1.csv": PROPERTIES} if properties else {})
    ledger = read("retailrocket", logs)
    assert bench.values("events", "user_id", "event_type", "item_id", "price") == [
        ("257597", "view", "355908", None), ("111016", "purchase", "318965", None),
        ("992329", "add_to_cart", "248676", None),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2015, 6, 2, 5, 2, 12, 117000, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category"))["355908"] == ("1338" if properties else None)
    assert ledger.catalogue == (4 if properties else 0)
