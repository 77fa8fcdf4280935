"""The item file beside a log: read like a log, and asked before the events of an item."""

import json

import pytest

MAPPING = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when, price: price}
event_types: {view: view, buy: purchase}
timestamp: iso8601
items:
  log: props*.csv
  columns: {item_id: id, category: value, base_price: cost, timestamp: at}
  where: {property: category}
  timestamp: unix_seconds
"""
PROPERTIES = """at,id,property,value,cost
1700000300,a,category,later,3
1700000200,a,category,first,
1700000100,a,colour,red,1
1700000400,b,category,,5
1700000100,unsold,category,x,1
"""


@pytest.fixture
def data(header):
    return header + "u,a,view,2024-01-01,10\nu,b,view,2024-01-01,20\nu,c,view,2024-01-01,30\n"


def test_the_first_known_value_of_an_item_counts(bench, data):
    bench.write(PROPERTIES, "props1.csv")
    ledger = bench.ingest(data, MAPPING)
    assert bench.values("items", "item_id", "category", "base_price") == [
        ("a", "first", 3.0), ("b", None, 5.0), ("c", None, 30.0),
    ]  # fmt: skip
    assert (ledger.rows, ledger.events, ledger.catalogue, ledger.quarantined_rows) == (8, 3, 5, 0)


def test_a_file_that_is_not_there_is_no_error(bench, data):
    ledger = bench.ingest(data, MAPPING)
    assert bench.values("items", "category") == [None] * 3 and ledger.catalogue == 0


def test_its_broken_rows_are_quarantined_too(bench, data):
    bad = "x,a,category,v,1\n1700000000,,category,v,1\n1700000000,a,category,v,-1\n1700000000,a\nx,,colour,v,-1\n"
    bench.write(PROPERTIES + bad, "props1.csv")
    ledger = bench.ingest(data, MAPPING)
    assert [reason for name, reason in bench.values("quarantine", "file", "reason") if name.endswith("props1.csv")] == [
        "unparseable time", "missing item id", "truncated line",
    ]  # fmt: skip
    assert ledger.catalogue == 7, "a row that `where` leaves aside cannot be wrong"
    assert ledger.remarked == {"negative price": 1}
    ledger.check()


def test_it_may_be_of_any_type_and_spelling(bench, data):
    mapping = (
        MAPPING[: MAPPING.index("items:")]
        + """items:
  log: [items.json, "more*.json"]
  columns: {item_id: all.id, category: kind, base_price: all.cost}
  explode: all
  decimal: ","
"""
    )
    both = {"kind": "k", "all": [{"id": "a", "cost": "1.299,50"}, {"id": "b", "cost": "2,5"}]}
    bench.write(json.dumps(both) + "\n", "items.json")
    ledger = bench.ingest(data, mapping)
    assert bench.values("items", "item_id", "category", "base_price") == [
        ("a", "k", 1299.5), ("b", "k", 2.5), ("c", None, 30.0),
    ]  # fmt: skip
    assert (ledger.files, ledger.catalogue) == (2, 2)


def test_there_may_be_several_kinds(bench, data):
    """Categories in one file, prices with their times in another, or as other rows of the same."""
    kinds = """
items:
  - {log: cats.csv, columns: {item_id: id, category: name}}
  - {log: prices.csv, columns: {item_id: id, base_price: cost, timestamp: at}, decimal: ","}
  - {log: prices.csv, columns: {item_id: id, category: cat}, where: {id: c}}
"""
    bench.write("id,name\na,shoes\nb,hats\n", "cats.csv")
    bench.write('id,cost,at,cat\na,"2,50",2024-01-02,x\na,"1,50",2024-01-01,x\nc,"9,0",2024-01-01,z\n', "prices.csv")
    ledger = bench.ingest(data, MAPPING[: MAPPING.index("items:")] + kinds)
    assert bench.values("items", "item_id", "category", "base_price") == [
        ("a", "shoes", 1.5), ("b", "hats", 20.0), ("c", "z", 9.0),
    ]  # fmt: skip
    ledger.check()


@pytest.mark.parametrize("pattern", ["props1.csv", "props*.csv"])
def test_it_may_lie_anywhere(bench, data, pattern):
    elsewhere = bench.write(PROPERTIES, "else/where/props1.csv").with_name(pattern)
    assert bench.ingest(data, MAPPING.replace("props*.csv", f"'{elsewhere}'")).catalogue == 5
    assert bench.ingest(data, MAPPING.replace("props*.csv", f"'else/*/{pattern}'")).catalogue == 5
