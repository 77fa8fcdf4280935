"""The SELECT of a mapping, over each kind of file: what plain columns cannot say."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.reading.selected import COUNTED, PLAIN

ORDERS = """order,customer,shop,lines,paid
1,7,de,a:2:1.50|b:1:9.00,01.01.2024 10:00
2,7,at,a:1:2.50,02.01.2024 10:00
"""
SPLIT = """
select: |
  SELECT shop || '-' || customer AS user_id, split_part(part, ':', 1) AS item_id, 'purchase' AS event_type,
      strptime(paid, '%d.%m.%Y %H:%M') AS timestamp, split_part(part, ':', 3) AS price
  FROM (SELECT *, unnest(string_split(lines, '|')) AS part FROM log) WHERE shop <> 'ch'
timezone: Europe/Berlin
"""


def test_columns_may_be_combined_and_split(bench):
    ledger = bench.ingest(ORDERS + "3,8,ch,c:1:1,03.01.2024 10:00\n", SPLIT)
    assert bench.values("events", "user_id", "item_id", "price") == [
        ("de-7", "a", 1.5), ("de-7", "b", 9.0), ("at-7", "a", 2.5),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2024, 1, 1, 9, tzinfo=UTC)
    assert (ledger.rows, ledger.quarantined) == (3, {})
    ledger.check()


def test_a_row_has_its_file_and_line_where_it_can(bench, header, rows):
    select = 'select: SELECT "user" AS user_id, item AS item_id, kind, "when" AS timestamp FROM log\n'
    mapping = select + "columns: {user_id: user_id, item_id: item_id, timestamp: timestamp, event_type: kind}\n"
    mapping += "event_types: {view: view, buy: purchase}\n"
    paths = [bench.write(header + rows(9), "1.csv"), bench.write(header + "u,i,view,soon,\nx\n" + rows(9, 9), "2.csv")]
    ledger = bench.read(paths, mapping)
    assert ledger.rows == 20 and ledger.events == 18
    found = bench.values("quarantine", "file", "line", "reason", "text")
    assert [(path.rpartition("/")[2], *rest) for path, *rest in found] == [
        ("2.csv", 2, "unparseable time", "soon"), ("2.csv", 3, "truncated line", "x"),
    ]  # fmt: skip


def test_where_it_cannot_the_row_itself_is_shown(bench):
    select = """
select: |
  SELECT customer AS user_id, max(paid) AS timestamp, NULL AS item_id, 'view' AS event_type
  FROM log GROUP BY ALL
"""
    with pytest.raises(IngestError, match="no event is left of 1 rows; in quarantine: missing item id 1"):
        bench.ingest(ORDERS, select + "timestamp: '%d.%m.%Y %H:%M'\n")
    assert bench.values("quarantine", "line", "reason") == [(None, "missing item id")]
    assert json.loads(bench.values("quarantine", "text")[0])["user_id"] == "7"


def test_json_inside_text_and_nested_lists(bench):
    visits = [
        {"who": {"id": n}, "payload": json.dumps({"items": [{"sku": s, "p": 1.5} for s in "ab"]}), "t": 1704067200 + n}
        for n in range(3)
    ]
    mapping = """
select: |
  SELECT json->>'$.who.id' AS user_id, entry->>'$.sku' AS item_id, (entry->>'$.p')::DOUBLE AS price,
      'view' AS event_type, to_timestamp((json->>'$.t')::BIGINT) AS timestamp
  FROM (SELECT json, unnest(json_extract((json->>'$.payload')::JSON, '$.items[*]')) AS entry FROM log)
"""
    ledger = bench.ingest("".join(json.dumps(v) + "\n" for v in visits) + "broken\n", mapping, name="log.json")
    assert (ledger.events, ledger.quarantined) == (6, {"not a JSON object": 1})
    assert bench.values("events", "user_id", "item_id", "price")[:2] == [("0", "a", 1.5), ("0", "b", 1.5)]
    assert bench.values("quarantine", "line") == [4]


def test_files_beside_the_log_may_be_joined(bench):
    bench.write("sku,name\na,Apple\nb,Bread\n", "products.csv")
    mapping = """
select: |
  SELECT log.customer AS user_id, products.name AS item_id, 'purchase' AS event_type,
      strptime(log.paid, '%d.%m.%Y %H:%M') AS timestamp
  FROM (SELECT *, split_part(lines, ':', 1) AS sku FROM log) log JOIN products USING (sku)
tables: {products: "prod*.csv"}
"""
    bench.ingest(ORDERS, mapping)
    assert bench.values("events", "item_id") == ["Apple", "Apple"]
    with pytest.raises(IngestError, match="tables.products: no file in .* is called nope.csv"):
        bench.ingest(ORDERS, mapping.replace("prod*.csv", "nope.csv"))


def test_files_of_two_kinds_have_a_select_each(bench):
    """Each over a `log` of its own."""
    mapping = """
files:
  "look*": {select: "SELECT u AS user_id, i AS item_id, 'view' AS event_type, t AS timestamp FROM log"}
  "buy*": {select: "SELECT u || '!' AS user_id, i AS item_id, 'purchase' AS event_type, t AS timestamp FROM log"}
"""
    paths = [bench.write(f"u,i,t\n{n},i,2024-01-0{n}\n", f"{kind}{n}.csv") for n, kind in ((1, "look"), (2, "buy"))]
    bench.read(paths, mapping)
    assert bench.values("events", "user_id", "event_type") == [("1", "view"), ("2!", "purchase")]


def test_parquet_keeps_its_types(bench):
    table = pa.table({"u": [1.0, None], "i": [["a", "b"], ["c"]], "t": [datetime(2024, 1, 1), datetime(2024, 1, 2)]})
    select = "select: SELECT u AS user_id, unnest(i) AS item_id, 'view' AS event_type, t AS timestamp FROM log\n"
    bench.ingest(table, select, name="log.parquet")
    assert bench.values("events", "user_id", "item_id") == [("1", "a"), ("1", "b")]
    assert bench.values("quarantine", "line", "reason") == [(2, "missing user id")]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT nope FROM log", r"select: Binder Error.*nope.*`log` has .*customer \(VARCHAR\)"),
        ("SELEC", "select: Catalog Error"),
        ("SELECT 1 AS user_id FROM log; DROP TABLE log_1", "select: Parser Error"),
        ("SELECT customer AS user_id FROM log", r"\['item_id', 'timestamp', 'event_type'\]|'item_id'"),
        ("SELECT [1] AS user_id, 1 AS item_id, 'view' AS event_type, now() AS timestamp FROM log", "INTEGER"),
        ("SELECT paid::DATE AS timestamp, 1 AS user_id, 1 AS item_id, 'view' AS event_type FROM log", "onversion"),
        ("FROM 'https://localhost:9/x.csv'", "select: "),
    ],
)
def test_a_select_that_cannot_be_run(bench, select, said):
    with pytest.raises(IngestError, match=said) as error:
        bench.ingest(ORDERS, f"select: |\n  {select}\n")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("select", "located"),
    [("select a from log", True), ("SELECT DISTINCT a FROM log", False), ("WITH x AS (FROM log) FROM x", False),
     ("SELECT a, max(b) FROM log GROUP BY ALL", False), ("SELECT a FROM log order by 1 LIMIT 3", False)],
)  # fmt: skip
def test_which_rows_can_be_located(select, located):
    assert bool(PLAIN.match(select) and not COUNTED.search(select)) == located


def test_an_item_that_was_seen_in_two_ways_at_once_is_the_same_on_any_machine(bench):
    rows = "".join(f"1,7,{place},x,01.01.2024 10:00\n" for place in "badc" * 50)
    names = "customer AS user_id, 'i' AS item_id, 'view' AS event_type, shop AS category, paid AS timestamp"
    select = f"select: SELECT DISTINCT {names} FROM log\ntimestamp: '%d.%m.%Y %H:%M'\n"
    bench.ingest("order,customer,shop,lines,paid\n" + rows, select)
    assert bench.values("items", "category") == ["a"]
