"""The built-in formats on small logs of the public shapes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from willbuy.ingest import ingest

ROOT = Path(__file__).parents[3]

REES46 = """event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde-8bb3
2019-10-01 00:00:01 UTC,cart,3900821,2053013552326770905,appliances.environment,aqua,33.20,554748717,9333dfbd
2019-10-01 00:00:02 UTC,remove_from_cart,3900821,2053013552326770905,appliances.environment,,33.20,554748717,9333dfbd
2019-10-01 00:00:03 UTC,purchase,3900821,2053013552326770905,appliances.environment,aqua,33.20,554748717,9333dfbd
2019-10-01 02:50:00 UTC,view,10900305,2053013555069845885,appliances.kitchen.mixer,elenberg,25.71,52040330"""

RETAILROCKET = """timestamp,visitorid,event,itemid,transactionid
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

CLICKS = """1,2014-04-07T10:51:09.277Z,214536502,0
1,2014-04-07T10:54:09.868Z,214536500,S
2,2014-04-07T13:56:37.614Z,214662742,7
"""
BUYS = """1,2014-04-07T10:58:00.306Z,214536502,12462,1
2,2014-04-07T13:59:37.614Z,214662742,0,0
"""

GA4 = [
    {"event_date": "20210131", "event_timestamp": "1612069510766593", "event_name": "page_view",
     "user_pseudo_id": "1.2"},
    {
        "event_date": "20210131", "event_timestamp": "1612069511000000", "event_name": "view_item",
        "user_pseudo_id": "1.2",
        "event_params": [{"key": "page", "value": {"string_value": "x"}}],
        "items": [{"item_id": "9197", "item_name": "Tee", "item_category": "Apparel", "price": 25.0, "quantity": 1}],
    },
    {"event_timestamp": "1612069512000000", "event_name": "view_item_list", "user_pseudo_id": "1.2",
     "items": [{"item_id": "1"}, {"item_id": "2"}]},
    {"event_timestamp": "1612069513000000", "event_name": "add_to_cart", "user_pseudo_id": "1.2",
     "items": [{"item_id": "9197", "price": 25.0}, {"item_id": "9198", "item_category": "(not set)", "price": None}]},
    {"event_timestamp": "1612069514000000", "event_name": "purchase", "user_pseudo_id": "1.2",
     "items": [{"item_id": "9197", "price": 20.0}, {"item_id": "(not set)", "price": 3.0}]},
    {"event_timestamp": "1612069515000000", "event_name": "purchase", "user_pseudo_id": None,
     "items": [{"item_id": "9197"}]},
]  # fmt: skip


@pytest.fixture
def read(bench):
    def ingest_as(log_format, logs, **options):
        for name, data in logs.items():
            bench.write(data, name)
        log = [bench.folder / name for name in logs if not name.startswith("item")]
        return ingest(log, log_format, bench.out, max_quarantine_share=0.5, **options)

    return ingest_as


def test_rees46(bench, read):
    ledger = read("rees46", {"2019-Oct.csv": REES46})
    assert ledger.quarantined == {"truncated line": 1}
    assert bench.values("quarantine", "line") == [6]
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("541312140", "44600062", "view", 35.79),
        ("554748717", "3900821", "add_to_cart", 33.2),
        ("554748717", "3900821", "remove_from_cart", 33.2),
        ("554748717", "3900821", "purchase", 33.2),
    ]
    assert bench.values("events", "timestamp")[1] == datetime(2019, 10, 1, 0, 0, 1, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category")) == {
        "44600062": "2103807459595387724", "3900821": "appliances.environment",
    }  # fmt: skip


@pytest.mark.parametrize("properties", [True, False])
def test_retailrocket(bench, read, properties):
    logs = {"events.csv": RETAILROCKET} | ({"item_properties_part1.csv": PROPERTIES} if properties else {})
    ledger = read("retailrocket", logs)
    assert bench.values("events", "user_id", "event_type", "item_id", "price") == [
        ("257597", "view", "355908", None), ("111016", "purchase", "318965", None),
        ("992329", "add_to_cart", "248676", None),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2015, 6, 2, 5, 2, 12, 117000, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category"))["355908"] == ("1338" if properties else None)
    assert ledger.catalogue == (4 if properties else 0)


def test_yoochoose(bench, read):
    ledger = read("yoochoose", {"yoochoose-clicks.dat": CLICKS, "yoochoose-buys.dat": BUYS})
    assert (ledger.files, ledger.events, ledger.quarantined) == (2, 5, {})
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("1", "214536502", "view", None), ("1", "214536500", "view", None), ("1", "214536502", "purchase", 12462.0),
        ("2", "214662742", "view", None), ("2", "214662742", "purchase", None),
    ]  # fmt: skip
    assert bench.values("items", "item_id", "category", "base_price") == [
        ("214536500", "S", None), ("214536502", None, None), ("214662742", "7", None),
    ]  # fmt: skip


@pytest.mark.parametrize("shape", ["json", "parquet"])
def test_ga4(bench, read, shape):
    if shape == "json":
        log = {"ga4.json": "".join(json.dumps(event) + "\n" for event in GA4)}
    else:
        # from_pylist takes the columns of the first row, so `items` has to be there.
        rows = [{"items": None, **event, "event_timestamp": int(event["event_timestamp"])} for event in GA4]
        pq.write_table(pa.Table.from_pylist(rows), bench.folder / "ga4.parquet")
        log = {"ga4.parquet": (bench.folder / "ga4.parquet").read_bytes()}
    ledger = read("ga4", log)
    assert bench.values("events", "item_id", "event_type", "price") == [
        ("9197", "view", 25.0), ("9197", "add_to_cart", 25.0), ("9198", "add_to_cart", None),
        ("9197", "purchase", 20.0),
    ]  # fmt: skip
    assert ledger.ignored == {"page_view": 1, "view_item_list": 2}
    assert ledger.quarantined == {"missing item id": 1, "missing user id": 1}
    assert bench.values("events", "timestamp")[0] == datetime(2021, 1, 31, 5, 5, 11, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category")) == {"9197": "Apparel", "9198": None}


def test_the_example_of_the_merch_store(bench):
    log = """event_time,event_type,product_id,category,product_name,price,quantity,user_id,user_session
2016-08-01T07:06:52.645Z,view,GGOEGETR014599,Home/Electronics/,Google Power Bank,16.99,,0798,0798-1
2016-08-01T07:07:52.645Z,cart,GGOEGETR014600,(not set),Google Power Bank,16.99,1,0798,0798-1
2016-08-01T07:08:52.645Z,purchase,GGOEGETR014601,(not set),Google Power Bank,16.99,1,0798,0798-1
"""
    ingest(bench.write(log), ROOT / "examples/merch_store.yaml", bench.out)
    assert set(bench.values("events", "user_id", "item_id")) == {("0798", "Google Power Bank")}
    assert bench.values("items", "category", "base_price") == [("Home/Electronics/", 16.99)]
