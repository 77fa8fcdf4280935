"""`flask warm`: history in bulk, every event once however often it is done."""

import numpy as np
import pyarrow as pa
import pytest
from features.histories import CATALOGUES, features_of, histories, microseconds, write_log
from hypothesis import HealthCheck, given, settings
from replay import asked, fresh_store, predict, sent

from app.online.store.history import unpack
from app.online.warm import load_events, load_items
from willbuy.features.definitions import NAMES
from willbuy.files import write_table
from willbuy.schema import EVENTS

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "redis"])
@QUICK
@given(log=histories(most=20), items=CATALOGUES)
def test_a_loaded_log_scores_as_the_pipeline_would(app, tmp_path, kind, request, log, items):
    fresh_store(app, kind, request)
    write_log(log, items, tmp_path)
    online, gap_us = app.online, app.champion.gap_us
    assert load_events(online, tmp_path / "events.parquet", gap_us).tolist() == [len(log), 0, 0]
    assert load_items(online, tmp_path / "items.parquet") == len(items)
    assert load_events(online, tmp_path / "events.parquet", gap_us).tolist() == [0, len(log), 0]
    assert load_items(online, tmp_path / "items.parquet") == 0
    table = features_of(tmp_path).to_pylist()
    if table:
        decisions = [{**row, "timestamp": microseconds(row["timestamp"]), "price": row["item_price"]} for row in table]
        found = predict(app.test_client(), [asked(decision) for decision in decisions])
        assert [row["features"] for row in found] == [{name: row[name] for name in NAMES} for row in table]


def events_file(path, count):
    rows = [
        {"user_id": f"u{n % 3}", "item_id": "i", "event_type": "view", "timestamp": n * 60_000_000, "price": None}
        for n in range(count)
    ]
    table = pa.Table.from_pylist([{**row, "duration_seconds": None} for row in rows])
    write_table(table.cast(EVENTS.arrow), path)
    return rows


def test_the_command_says_what_it_did(app, tmp_path):
    rows = events_file(tmp_path / "events.parquet", 10)
    said = app.test_cli_runner().invoke(args=["warm", str(tmp_path / "events.parquet")])
    assert (said.exit_code, "10 events loaded, 0 were there" in said.output) == (0, True), said.output
    # The same events told by the shop are the same events.
    answer = app.test_client().post("/events", json={"events": [sent(row) for row in rows]})
    assert answer.json == {"accepted": 0, "duplicates": 10, "too_old": 0}
    (content,) = app.online.store.read(["u1"], []).histories
    assert np.array_equal(unpack(content).records["time"], [60_000_000, 240_000_000, 420_000_000])


def test_a_file_that_holds_no_events_is_refused(app, tmp_path):
    write_table(pa.table({"user_id": ["u"]}), tmp_path / "events.parquet")
    said = app.test_cli_runner().invoke(args=["warm", str(tmp_path / "events.parquet")])
    assert said.exit_code == 1 and "no column 'item_id'" in said.output


def test_a_store_that_cannot_be_reached_is_told(make_app, tmp_path):
    events_file(tmp_path / "events.parquet", 1)
    app = make_app(WILLBUY_STORE="redis://127.0.0.1:1/0")
    said = app.test_cli_runner().invoke(args=["warm", str(tmp_path / "events.parquet")])
    assert said.exit_code == 1 and "redis" in said.output
