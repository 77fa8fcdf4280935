from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from willbuy.ingest import IngestError

TIMES = [datetime(2024, 1, 1, 12), datetime(2024, 1, 2, 12)]


def table(**changes) -> pa.Table:
    columns = {"user": ["u1", "u2"], "item": ["a", "b"], "kind": ["view", "buy"], "when": TIMES, "price": [1.5, None]}
    return pa.table({**columns, **changes})


def ingest(bench, mapping, data, **options):
    return bench.ingest(data, mapping, name="log.parquet", **options)


def test_a_table_becomes_events(bench, mapping):
    assert ingest(bench, mapping, table()).events == 2
    assert bench.values("events", "user_id", "timestamp", "price") == [
        ("u1", TIMES[0].replace(tzinfo=UTC), 1.5),
        ("u2", TIMES[1].replace(tzinfo=UTC), None),
    ]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (pa.array([7, 2**60 + 1]), ["7", str(2**60 + 1)]),
        (pa.array([2**64 - 1, 0], pa.uint64()), [str(2**64 - 1), "0"]),
        (pa.array([17.0, 1.5]), ["17", "1.5"]),
        (pa.array(["007", " 7 "]), ["007", "7"]),
        (pa.array(["x", "y"]).dictionary_encode(), ["x", "y"]),
        (pa.array([b"x", "é".encode()]), ["x", "é"]),
    ],
)
def test_ids_of_any_type_become_text(bench, mapping, ids, expected):
    ingest(bench, mapping, table(item=ids))
    assert bench.values("events", "item_id") == expected


@pytest.mark.parametrize(
    ("when", "timezone", "hour"),
    [
        (pa.array(TIMES, pa.timestamp("ns")), "UTC", 12),
        (pa.array(TIMES, pa.timestamp("s")), "Europe/Berlin", 11),
        (pa.array([m.replace(tzinfo=UTC) for m in TIMES], pa.timestamp("us", "Asia/Tokyo")), "Europe/Berlin", 12),
        (pa.array([date(2024, 1, 1), date(2024, 1, 2)]), "Asia/Tokyo", 15),
        (pa.array(["2024-01-01T12:00:00", "2024-01-02T12:00:00+00:00"]), "UTC", 12),
    ],
)
def test_times_of_any_type_become_timestamps(bench, mapping, when, timezone, hour):
    ingest(bench, mapping + f"timezone: {timezone}\n", table(when=when))
    assert [time.hour for time in bench.values("events", "timestamp")] == [hour, hour]


def test_unix_times_in_numbers(bench, mapping):
    ingest(bench, mapping.replace("iso8601", "unix_seconds"), table(when=[1_704_110_400, 1_704_110_401]))
    assert bench.values("events", "timestamp")[0] == TIMES[0].replace(tzinfo=UTC)


def test_the_line_is_the_row(bench, mapping):
    data = pa.concat_tables([table(user=["u1", None], kind=["no", "view"]), table()])
    ingest(bench, mapping, data)
    assert bench.values("quarantine", "line", "reason", "text") == [
        (1, "unknown event type", "no"),
        (2, "missing user id", None),
    ]


def test_names_are_exact(bench, mapping):
    both = table().add_column(0, "User", [["wrong", "wrong"]])
    for data in (both, both.select(["item", "kind", "when", "price", "user", "User"])):
        ingest(bench, mapping, data)
        assert bench.values("events", "user_id") == ["u1", "u2"]
    with pytest.raises(IngestError, match=r"\['user'\], which the file does not have. Found: 'User'"):
        ingest(bench, mapping, table().rename_columns({"user": "User"}))
    ids = mapping.replace("user_id: user", "user_id: who.id")
    with pytest.raises(IngestError, match=r"\['who.id'\], which the file does not have"):
        ingest(bench, ids, table(who=[{"ID": 1}, {"ID": 2}]))


def test_a_name_that_two_columns_have_is_refused(bench, mapping):
    twice = table().append_column("user", [["x", "y"]])
    with pytest.raises(IngestError, match="the name 'user' is not clear"):
        ingest(bench, mapping, twice)
    ids = mapping.replace("user_id: user", "user_id: who.id")
    with pytest.raises(IngestError, match=r"log.parquet: (the name 'who.id' is not clear|cannot be read)"):
        ingest(bench, ids, table(who=[{"ID": 1, "id": 2}, {"ID": 1, "id": 2}]))


def test_entries_and_fields_of_structs(bench, mapping):
    nested = mapping.replace("user_id: user", "user_id: who.id").replace("item_id: item", "item_id: items.sku")
    data = table(who=[{"id": 1}, {"id": 2}], items=[[{"sku": "a"}, {"sku": "b"}], []]).drop_columns(["user", "item"])
    assert ingest(bench, nested + "explode: items\n", data).quarantined == {"missing item id": 1}
    assert bench.values("events", "user_id", "item_id") == [("1", "a"), ("1", "b")]


def test_columns_that_are_named_like_ours(bench, mapping):
    ours = {
        name: ["x", "y"] for name in ("line", "problem", "text", "c0", "element", "reason", "row_number", "raw_time")
    }
    assert ingest(bench, mapping, table(**ours)).events == 2


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, {"a": 2}], [True, False], [TIMES[0].time()] * 2])
def test_a_type_that_is_no_value(bench, mapping, values):
    with pytest.raises(IngestError, match=r"log.parquet: the column 'price' is .*'user' \(VARCHAR\)"):
        ingest(bench, mapping, table(price=values))


def test_a_column_that_is_not_there(bench, mapping):
    with pytest.raises(IngestError, match=r"\['when'\], which the file does not have. Found: .*'price' \(DOUBLE\)"):
        ingest(bench, mapping, table().drop_columns(["when"]))


def test_a_list_that_is_not_there(bench, mapping):
    with pytest.raises(IngestError, match=r"\['items'\], which the file does not have"):
        ingest(bench, mapping + "explode: items\n", table())


def test_a_file_cut_short(bench, mapping):
    data = bench.write(table(), "log.parquet").read_bytes()
    with pytest.raises(IngestError, match="log.parquet: cannot be read as Parquet"):
        ingest(bench, mapping, data[:-9])


def test_pages_that_are_damaged(bench, mapping):
    data = bytearray(bench.write(table(user=["u" * 99, "v" * 99]), "log.parquet").read_bytes())
    data[4:60] = bytes(56)
    with pytest.raises(IngestError, match="log.parquet"):
        ingest(bench, mapping, bytes(data))


def test_a_table_without_rows(bench, mapping):
    with pytest.raises(IngestError, match="no rows"):
        ingest(bench, mapping, table()[:0])
