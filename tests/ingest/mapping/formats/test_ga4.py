import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

LOG = [
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


@pytest.mark.parametrize("shape", ["json", "parquet"])
def test_the_entries_of_an_event_are_rows(bench, read, shape):
    if shape == "json":
        log = {"ga4.json": "".join(json.dumps(event) + "\n" for event in LOG)}
    else:
        # from_pylist takes the columns of the first row, so `items` has to be there.
        rows = [{"items": None, **event, "event_timestamp": int(event["event_timestamp"])} for event in LOG]
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
