"""A shop's log in PostgreSQL, read through a server of the test's own."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from postgresql_server import started

from willbuy.ingest import IngestError
from willbuy.ingest.fingerprint import of_log
from willbuy.ingest.reading import postgresql

MAPPING = """
columns: {user_id: customer, item_id: sku, event_type: kind, timestamp: at, price: price}
event_types: {view: view, buy: purchase}
timestamp: iso8601
"""
TABLE = """
CREATE TABLE events (customer bigint, sku text, kind text, at timestamptz, price numeric(8, 2), note jsonb);
INSERT INTO events VALUES (7, 'a', 'view', '2024-01-01 10:00:00+01', 1299.50, '{"x": 1}'),
    (7, 'a', 'buy', '2024-01-01 10:05:00.25+01', NULL, NULL), (NULL, 'b', 'view', '2024-01-02', 1, NULL);
CREATE SCHEMA shop; CREATE VIEW shop."Other events" AS SELECT * FROM events WHERE customer IS NOT NULL;
"""


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("adbc_driver_postgresql", reason="needs pip install 'willbuy[postgresql]'")
    with tempfile.TemporaryDirectory() as folder:
        server = started(Path(folder))
        server.run(TABLE)
        yield server
        server.stop()


def test_a_table(server, bench):
    ledger = bench.read(f"{server.url}#events", MAPPING)
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("7", "a", "view", 1299.5), ("7", "a", "purchase", None),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[1] == datetime(2024, 1, 1, 9, 5, 0, 250_000, tzinfo=UTC)
    assert ledger.quarantined == {"missing user id": 1}
    file, line = bench.values("quarantine", "file", "line")[0]
    assert (file, line) == ("postgresql://127.0.0.1/shop/events.parquet", 3), "without the password"


@pytest.mark.parametrize("asked", ["shop.Other%20events", "SELECT * FROM events WHERE customer = 7"])
def test_a_view_and_a_query(server, bench, asked):
    if asked.startswith("shop"):
        assert postgresql._query(f"postgresql://h/d#{asked}") == 'SELECT * FROM "shop"."Other events"'
    assert bench.read(f"{server.url}#{asked}", MAPPING).events == 2


def test_nothing_is_written_to_it(server, bench):
    with pytest.raises(IngestError, match="postgresql://127.0.0.1/shop: cannot be read: .*read-only"):
        bench.read(f"{server.url}#WITH gone AS (DELETE FROM events RETURNING *) SELECT * FROM gone", MAPPING)
    assert bench.read(f"{server.url}#events", MAPPING).rows == 3


@pytest.mark.parametrize(("asked", "said"), [("nope", "nope.* does not exist"), ("", "names no table")])
def test_what_is_not_there(server, bench, asked, said):
    with pytest.raises(IngestError, match=said) as error:
        bench.read(f"{server.url}#{asked}", MAPPING)
    assert "secret" not in str(error.value) and "\n" not in str(error.value)


def test_a_driver_that_is_not_installed_is_named(bench, monkeypatch):
    monkeypatch.setattr(postgresql, "DRIVER", "no_such_driver")
    with pytest.raises(IngestError, match=r"pip install 'willbuy\[postgresql\]'"):
        bench.read("postgresql://host/shop#events", MAPPING)
    assert of_log("postgresql://host/shop#events", "rees46")
