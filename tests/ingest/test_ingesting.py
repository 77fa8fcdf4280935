import csv
import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import limited

from willbuy.ingest import IngestError, TooMuchQuarantined, ingest
from willbuy.ingest.reporting import quality
from willbuy.schema import EVENTS, ITEMS, USERS, check

IDS = st.sampled_from(["u1", "007", "", "a,b", "😀", "NULL"])
KINDS = st.sampled_from(["view", "buy", "fav", "", "click"])
WHENS = st.sampled_from(["2024-01-01", "2024-01-02T00:00:00+03:00", "soon", "", "1969-01-01"])
PRICES = st.sampled_from(["1", "", "-1", "x", "0.5"])
ROWS = st.lists(st.tuples(IDS, IDS, KINDS, WHENS, PRICES), min_size=1, max_size=40)
DIRT = st.sampled_from(["", "one", 'u1,"x', 'u1,"x"y,view,2024-01-01,1', "a,b,c,d,e,f", "u\0,i,view,2024-01-01,1"])
GOOD = ("sure", "i", "view", "2024-02-01", "1")


def text(header: str, rows, dirt) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return header + "\n".join([*dirt, ""]) + file.getvalue()


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(rows=ROWS, dirt=st.lists(DIRT, max_size=6))
def test_every_row_is_an_event_or_quarantined_or_ignored(bench, header, mapping, rows, dirt):
    """The conservation law, against counts taken from the log itself."""
    dirt = [line for line in dirt if line.count('"') % 2 == 0]
    ledger = bench.ingest(text(header, [GOOD, *rows], dirt), mapping + "ignore: [fav]\n", name="log.csv")
    assert ledger.rows == 1 + len(rows) + sum(line != "" for line in dirt)
    assert ledger.ignored_rows == sum(kind == "fav" for _, _, kind, *_ in rows)
    assert ledger.events == len(bench.table("events"))
    assert ledger.quarantined_rows == len(bench.table("quarantine"))
    assert ledger.events + ledger.quarantined_rows + ledger.ignored_rows == ledger.rows
    ledger.check()


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
@given(rows=ROWS, parts=st.integers(1, 4))
def test_a_log_in_parts_is_the_same_log(bench, header, mapping, rows, parts):
    rows = [GOOD, *rows]
    whole = bench.ingest(text(header, rows, ()), mapping + "ignore: [fav]\n")
    tables = {name: bench.table(name) for name in ("events", "items", "users")}
    size = -(-len(rows) // parts)
    logs = [rows[n : n + size] for n in range(0, len(rows), size)]
    names = [bench.write(text(header, log, ()), f"part{n}.csv") for n, log in enumerate(logs)]
    split = bench.read(names, mapping + "ignore: [fav]\n")
    assert (split.rows, split.quarantined, split.ignored) == (whole.rows, whole.quarantined, whole.ignored)
    assert {name: bench.table(name) for name in tables} == tables


def test_the_tables_keep_their_contracts_and_their_order(bench, header, rows, mapping):
    bench.ingest(header + rows(500), mapping)
    for name, table in (("events", EVENTS), ("items", ITEMS), ("users", USERS)):
        assert check(bench.out / f"{name}.parquet", table) > 0
    events = bench.values("events", "timestamp", "user_id", "item_id", "event_type")
    assert events == sorted(events) and len(events) == 500
    assert bench.values("users", "user_id") == sorted({user for _, user, *_ in events})
    assert pq.ParquetFile(bench.out / "events.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_twice_the_same_and_nothing_left_beside_it(bench, header, rows, mapping):
    with limited(threads=1):
        bench.ingest(header + rows(300), mapping)
    first = {path.name: path.read_bytes() for path in bench.out.iterdir()}
    bench.ingest(header + rows(300), mapping)
    assert {path.name: path.read_bytes() for path in bench.out.iterdir()} == first
    assert set(first) == {"events.parquet", "items.parquet", "users.parquet", "quarantine.parquet"}


def test_the_truth_of_a_simulated_shop_goes(bench, header, rows, mapping):
    bench.out.mkdir()
    (bench.out / "truth.parquet").write_text("old")
    bench.ingest(header + rows(9), mapping)
    assert not (bench.out / "truth.parquet").exists()


def test_names_of_files_and_folders_say_nothing_about_their_rows(bench, mapping):
    """Hive's `user=alice/` makes no column, and brackets make no pattern, for what is read and what is written."""
    table = pa.table({"user": ["u"], "item": ["i"], "kind": ["view"], "when": ["2024-01-01"], "price": [1.5]})
    for name, user in (("log[1].parquet", "right"), ("log1.parquet", "wrong")):
        log = bench.write(table.set_column(0, "user", [[user]]), f"user=alice/{name}")
    bench.folder = bench.folder / "run[1]/category=shoes"
    bench.read(log.with_name("log[1].parquet"), mapping)
    assert bench.values("events", "user_id") == ["right"] and bench.values("items", "category") == [None]
    assert quality.coverage(bench.out / "events.parquet").events.tolist() == [1]


def test_gzip_and_a_glob_over_both(bench, header, rows, mapping):
    bench.write(header + rows(10), "a.csv")
    bench.write(gzip.compress((header + rows(10, 10)).encode()), "b.csv.gz")
    ledger = bench.read(str(bench.folder / "*.csv*"), mapping)
    assert (ledger.files, ledger.rows, ledger.events) == (2, 20, 20)


def test_line_numbers_hold_in_every_file(bench, header, rows, mapping):
    bad = 'u,"two\nlines",view,2024-01-01,1\n\nu,i,view,soon,1\n'
    bench.write(header + rows(3) + bad, "a.csv")
    bench.write(gzip.compress((header + bad + rows(3, 5)).encode()), "b.csv.gz")
    bench.read(str(bench.folder / "*.csv*"), mapping)
    lines = [(name.rpartition("/")[2], line) for name, line in bench.values("quarantine", "file", "line")]
    assert lines == [("a.csv", 8), ("b.csv.gz", 2), ("b.csv.gz", 5)]


def test_too_much_quarantine_stops_and_says_why(bench, header, rows, mapping):
    bench.ingest(header + rows(95), mapping)
    before = bench.table("events")
    bad = header + rows(90) + "u,i,view,soon,1\n" * 1 + "".join(f"u{n},i,view,never,1\n" for n in range(9))
    with pytest.raises(TooMuchQuarantined) as error:
        bench.ingest(bad, mapping, max_quarantine_share=0.05)
    message = str(error.value)
    assert "10 of 100 rows (10.0%)" in message and "max_quarantine_share = 0.05" in message
    assert "unparseable time 10" in message and "log.csv line 92 'soon'" in message
    assert bench.table("events") == before, "what was there stays"
    assert len(bench.table("quarantine")) == 10, "but the quarantine shows what is wrong"


def test_the_share_itself_is_allowed(bench, header, rows, mapping):
    dirty = header + rows(95) + "".join(f"u,i,view,soon{n},1\n" for n in range(5))
    assert bench.ingest(dirty, mapping, max_quarantine_share=0.05).quarantine_share == 0.05


def test_a_type_that_the_mapping_forgot(bench, header, rows, mapping):
    favs = "".join(f"u{n},i,fav,2024-01-01,1\n" for n in range(20))
    with pytest.raises(
        IngestError, match=r"mapping.yaml: 'fav' 20 of 100 rows.*ignore.*'view' 60, 'fav \(unknown\)' 20"
    ):
        bench.ingest(header + rows(80) + favs, mapping)
    with pytest.raises(IngestError, match="'order' 1, 'click' 1|'click' 1, 'order' 1"):
        bench.ingest(header + "u,i,click,2024-01-01,1\nu,i,order,2024-01-01,1\n", mapping)


@pytest.mark.parametrize("data", ["", "u,i,fav,2024-01-01,1\n", "u,i,view,soon,1\n"])
def test_a_log_without_any_event(bench, header, mapping, data):
    with pytest.raises(IngestError, match="no event is left|no rows"):
        bench.ingest(header + data, mapping + "ignore: fav\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("iso8601", "'%d/%Q'"), "Failed to parse format specifier"),
        (("iso8601", "iso8601\ntimezone: Europe/Nowhere"), "'Europe/Nowhere' of the mapping is unknown"),
        (("iso8601", "iso8601\nencoding: utf-16"), "log.csv"),
        (("iso8601", "iso8601\nfile_type: parquet"), "should be parquet"),
        (("iso8601", "iso8601\nfile_type: json_lines"), "JSON object"),
    ],
)
def test_a_mapping_that_does_not_fit_the_log(bench, header, rows, mapping, change, said):
    with pytest.raises(IngestError, match=said):
        bench.ingest(header + rows(30), mapping.replace(*change))


def test_memory_that_does_not_do_is_said(bench, header, rows, mapping):
    with limited(memory_limit="1MB"), pytest.raises(IngestError, match="memory_limit"):
        bench.ingest(header + rows(50_000), mapping)


@pytest.mark.slow
def test_a_line_of_a_hundred_megabytes(bench, header, rows, mapping):
    ledger = bench.ingest(gzip.compress((header + rows(60) + "x" * 10**8 + "\n" + rows(60, 60)).encode(), 1), mapping)
    assert (ledger.events, ledger.quarantined) == (120, {"line too long": 1})


def test_random_bytes_are_no_log(bench, mapping):
    with pytest.raises(IngestError):
        bench.ingest(bytes((n * 7919) % 251 for n in range(9999)), mapping)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(data=st.binary(max_size=200))
def test_whatever_follows_the_header_ends_in_counts_or_one_clear_error(bench, header, mapping, data):
    path = bench.write(header.encode() + b"u,i,view,2024-01-01,1\n" + data)
    bench.write(mapping, "mapping.yaml")
    try:
        ingest(path, bench.folder / "mapping.yaml", bench.out, max_quarantine_share=1).check()
    except IngestError as error:
        assert "\n" not in str(error)
