import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from willbuy.ingest import IngestError

MAPPING = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when}
event_types: {view: view, buy: purchase}
timestamp: iso8601
context: {channel: [campaign, source], device: device}
"""
HEADER = "user,item,kind,when,campaign,source,device\n"


def channels(bench, *columns):
    return bench.values("events", *(f"context_{name}" for name in columns or ("channel", "device")))


def test_contexts_are_texts_of_the_log_trimmed_and_null_where_missing(bench):
    log = HEADER + "u,a,view,2024-01-01T00:00:00Z,, search ,phone\nu,a,buy,2024-01-01T01:00:00Z,june,search,NULL\n"
    bench.ingest(log, MAPPING)
    assert channels(bench) == [("search", "phone"), ("june", None)]
    assert pq.read_schema(bench.out / "events.parquet").field("context_device").type == pa.string()


def test_without_context_the_table_has_none(bench):
    bench.ingest(HEADER + "u,a,view,2024-01-01T00:00:00Z,,search,phone\n", MAPPING.partition("context")[0])
    assert not any(name.startswith("context") for name in bench.table("events")[0])


def test_a_context_that_no_file_has_is_named(bench):
    with pytest.raises(IngestError, match=r"\['shop'\], which the file does not have"):
        bench.ingest(
            HEADER + "u,a,view,2024-01-01T00:00:00Z,,s,phone\n", MAPPING.replace("device: device", "shop: shop")
        )


def test_files_without_a_context_have_null_there(bench):
    mapping = """
timestamp: iso8601
columns: {user_id: user, item_id: item, timestamp: when}
files:
  views*: {event_type: view, context: [device]}
  buys*: {event_type: purchase}
"""
    views = bench.write("user,item,when,device\nu,a,2024-01-01T00:00:00Z,phone\n", "views.csv")
    buys = bench.write("user,item,when\nu,a,2024-01-02T00:00:00Z\n", "buys.csv")
    bench.read([views, buys], mapping)
    assert channels(bench, "device") == ["phone", None]


def test_numbers_of_json_and_parquet_are_texts(bench):
    bench.ingest(
        '{"user": "u", "item": "a", "kind": "view", "when": "2024-01-01T00:00:00Z", "at": {"device": 3}}\n',
        MAPPING.replace("{channel: [campaign, source], device: device}", "{device: at.device}"),
        name="log.jsonl",
    )
    assert channels(bench, "device") == ["3"]


def test_a_select_may_make_contexts(bench):
    mapping = """
select: SELECT user AS user_id, item AS item_id, 'view' AS event_type, "when" AS timestamp, upper(device) AS os FROM log
context: [os]
"""
    bench.ingest(HEADER + "u,a,view,2024-01-01T00:00:00Z,,search,phone\n", mapping)
    assert channels(bench, "os") == ["PHONE"]


def test_copies_that_differ_in_their_context_are_copies_and_the_first_counts(bench):
    row = "u,a,view,2024-01-01T00:00:00Z,,"
    ledger = bench.ingest(f"{HEADER}{row}search,phone\n{row}direct,phone\n{row},phone\n", MAPPING)
    assert ledger.quarantined == {"exact duplicate": 2}
    assert channels(bench) == [("search", "phone")]
