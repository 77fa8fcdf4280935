"""The promise: what the server computes from events is what the pipeline computed from the log, to the bit."""

import os
import subprocess
import sys
from random import Random

import pytest
from features.histories import CATALOGUES, DAY, HOUR, features_of, histories, microseconds, write_log
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replay import asked, forgotten, fresh_store, post, predict, put, sent
from server import ROOT
from small_model import GAPS

from app.online.store import history
from willbuy.clock import at
from willbuy.features.definitions import NAMES
from willbuy.models import registry

pytestmark = pytest.mark.slow

START = 1_704_067_200_000_000  # a midnight
LATE = (0, 0, 0, 1, HOUR, DAY, 40 * DAY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("log")


def table_of(log, items, folder, gap_minutes):
    """The pipeline's features of every decision point, as a table, and the decision points."""
    write_log(log, items, folder, gap_minutes)
    table = features_of(folder, gap_minutes)
    return table, [decision(row) for row in table.to_pylist()]


def decision(row):
    return {**row, "timestamp": microseconds(row["timestamp"]), "price": row["item_price"]}


def deliver(client, log, order: Random):
    """Send the log event by event, some late and some twice; yields how many events have arrived, from 0 on."""
    yield 0
    for n, event in enumerate(log, 1):
        told = [sent(event, event_id=f"e{n}")] * order.choice([1, 1, 2])
        assert post(client, told) == {"accepted": 1, "duplicates": len(told) - 1, "too_old": 0}
        if order.random() < 0.2:
            assert post(client, told[:1]) == {"accepted": 0, "duplicates": 1, "too_old": 0}
        yield n


def due(log, row):
    """After how many events of the log everything before the decision `row` has arrived."""
    return max((n for n, event in enumerate(log, 1) if event["timestamp"] < row["timestamp"]), default=0)


def check(client, rows, table, model):
    """Ask for all of `rows` of the table at once and compare everything."""
    if not rows:
        return
    probabilities = model.predict(table.take(rows).to_pandas())
    picked = table.take(rows).to_pylist()
    found = predict(client, [asked(decision(row)) for row in picked])
    assert [answer["features"] for answer in found] == [{name: row[name] for name in NAMES} for row in picked]
    assert [answer["probability"] for answer in found] == probabilities.tolist()


@pytest.fixture(params=GAPS.items(), ids=lambda version: f"{version[1]} minutes")
def champion(request, made, app):
    """Three models in turn, each with its own gap inside a session: the pipeline's, while the app serves it."""
    version, gap_minutes = request.param
    app.champion.swap(version)
    return registry.load(made / "models" / version), gap_minutes


REPLAYS = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("kind", ["embedded", "redis"])
@REPLAYS
@given(log=histories(most=12), items=CATALOGUES, order=st.integers(0, 999).map(Random))
def test_a_log_replayed_event_by_event_gives_the_tables_features(
    app, folder, champion, kind, request, log, items, order
):
    model, gap_minutes = champion
    fresh_store(app, kind, request)
    client = app.test_client()
    put(client, [{"item_id": item_id, **item} for item_id, item in items.items()])
    table, decisions = table_of(log, items, folder, gap_minutes)
    arrival = sorted(log, key=lambda event: event["timestamp"] + order.choice(LATE))
    for arrived in deliver(client, arrival, order):
        check(client, [n for n, row in enumerate(decisions) if due(arrival, row) == arrived], table, model)
    check(client, list(range(len(decisions))), table, model)


@REPLAYS
@given(log=histories(most=30, users=("u1", "u2")), items=CATALOGUES)
def test_what_is_trimmed_is_not_missed(app, folder, champion, request, monkeypatch, log, items):
    model, gap_minutes = champion
    monkeypatch.setattr(history, "BLOCK", 1)
    fresh_store(app, "embedded", request, lookback_days=0)
    client = app.test_client()
    put(client, [{"item_id": item_id, **item} for item_id, item in items.items()])
    table, decisions = table_of(log, items, folder, gap_minutes)
    arrival = sorted(log, key=lambda event: event["timestamp"])
    for arrived in deliver(client, arrival, Random(0)):
        # Asked one after another, in time: the past is not asked about once it has been trimmed.
        check(client, [n for n, row in enumerate(decisions) if due(arrival, row) == arrived], table, model)


@REPLAYS
@pytest.mark.parametrize("most", [6, 20_000])
@given(log=histories(most=30, users=("u1", "u2")), items=CATALOGUES, order=st.integers(0, 999).map(Random))
def test_what_was_trimmed_for_other_gaps_is_right_or_forgotten(
    app, folder, champion, request, monkeypatch, most, log, items, order
):
    model, gap_minutes = champion
    monkeypatch.setattr(history, "BLOCK", 1)
    monkeypatch.setattr(history, "MOST", most)
    fresh_store(app, "embedded", request, lookback_days=0)
    client, served = app.test_client(), app.champion.current().version
    put(client, [{"item_id": item_id, **item} for item_id, item in items.items()])
    table, decisions = table_of(log, items, folder, gap_minutes)
    for n, event in enumerate(sorted(log, key=lambda event: event["timestamp"] + order.choice(LATE))):
        if order.random() < 0.2:
            app.champion.swap(order.choice(list(GAPS)))
        assert client.post("/events", json={"events": [sent(event, event_id=f"e{n}")]}).status_code == 200
    app.champion.swap(served)
    late = forgotten(client, [asked(decision) for decision in decisions])
    for row, since in late.items():
        assert not forgotten(client, [asked(decisions[row]) | {"timestamp": since}])
    check(client, [n for n in range(len(decisions)) if n not in late], table, model)


@pytest.mark.parametrize("kind", ["embedded", "redis"])
def test_an_event_too_late_to_be_counted_makes_its_item_unknown_to_everybody(app, kind, request, monkeypatch):
    monkeypatch.setattr(history, "BLOCK", 1)
    fresh_store(app, kind, request, lookback_days=1)
    client = app.test_client()

    def seen(user, item, day, kind="view"):
        happened = {"user_id": user, "item_id": item, "event_type": kind, "timestamp": START + day * DAY}
        return post(client, [sent({**happened, "price": 1.0})])

    def views(user, item, day):
        moment = {"user_id": user, "item_id": item, "event_type": "view", "timestamp": START + day * DAY}
        return predict(client, [asked({**moment, "price": 1.0})])[0]["features"]["item_view_count_30d"]

    for user, day in (("slow", 0), ("slow", 90), ("other", 1)):
        seen(user, "i1", day)
    assert views("other", "i1", 2) == 2
    assert seen("slow", "i1", -1) == {"accepted": 0, "duplicates": 0, "too_old": 1}
    assert seen("slow", "i2", -1, "remove_from_cart")["too_old"] == 1  # which no tally counts
    late = {"user_id": "other", "event_type": "view", "price": 1.0, "timestamp": START + 2 * DAY}
    since = forgotten(client, [asked({**late, "item_id": item}) for item in ("i1", "i2")])
    assert since == {0: str(at(START + 30 * DAY))}
    assert views("other", "i1", 30) == 2
    assert views("slow", "i1", 91) == 1


@pytest.mark.parametrize(("kind", "days"), [("embedded", 2), ("redis", 0.3)])
def test_the_sample_shop_replayed_gives_its_features_and_predictions(sample, kind, days, request):
    environment = os.environ | {"WILLBUY_PRODUCTS": str(sample.products)}
    if kind == "redis":
        running = request.getfixturevalue("redis_running")
        running.empty()
        environment["WILLBUY_STORE"] = running.url
    command = [sys.executable, ROOT / "benchmarks" / "parity.py", str(days)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "values compared, 0 unequal" in done.stdout
