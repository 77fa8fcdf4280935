"""How many pieces: a column of the events where the log has it, and what a sale brings."""

import pytest

from willbuy.evaluation.sales import read_purchases
from willbuy.schema import EVENTS, SESSIONS, SchemaError, check
from willbuy.sessions import sessionize

HEADER = "user,item,kind,when,price,pieces\n"
ROWS = "u,i,view,2024-01-01,2.5,\nu,i,buy,2024-01-02,2.5,4\nu,j,buy,2024-01-03,9,\nu,j,buy,2024-01-04,9,many\n"


@pytest.fixture
def events(bench, mapping):
    ledger = bench.ingest(HEADER + ROWS, mapping.replace("price: price", "price: price, quantity: pieces"))
    assert ledger.remarked == {"unparseable quantity": 1}
    return bench.out / "events.parquet"


def test_a_sale_brings_the_price_of_all_its_pieces(events, bench):
    assert bench.values("events", "quantity") == [None, 4.0, None, None]
    assert check(events, EVENTS) == 4
    assert read_purchases(events).price.tolist() == [10.0, 9.0, 9.0]


def test_sessions_and_all_that_follows_know_no_quantity(events, tmp_path):
    sessionize(events, tmp_path / "sessions.parquet", 30)
    assert check(tmp_path / "sessions.parquet", SESSIONS) == 4


def test_a_log_without_any_has_no_such_column(bench, mapping):
    rows = ROWS.replace(",4\n", ",\n").replace("many", "")
    bench.ingest(HEADER + rows, mapping.replace("price: price", "price: price, quantity: pieces"))
    assert "quantity" not in bench.table("events")[0]
    with pytest.raises(SchemaError, match="quantity"):
        check(bench.out / "events.parquet", EVENTS.__class__("events", (*EVENTS.columns, *EVENTS.optional)))
