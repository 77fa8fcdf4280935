"""A real Prometheus scrapes real servers: every panel has data, and each alert fires for its fault and only then."""

import json
import math
import os
import shutil
import signal
import socket
from contextlib import closing, suppress
from http.client import HTTPException
from threading import Event, Thread

import pytest
import small_model
from prometheus_server import ALERTS
from server import ROOT, connection, exchange, wait_for

from willbuy.models import registry

pytestmark = pytest.mark.slow

KEYS = {"WILLBUY_API_KEYS": "predict-key:predict"}
KEY = {"X-API-Key": "predict-key"}
WHOLE = {"features": small_model.as_rows(small_model.table(2, 1))}
LIKELY = {"features": [{**row, "view_count_7d": 30, "item_category": "Books"} for row in WHOLE["features"]]}
STORED = {"features": [{"user_id": "u1", "item_id": "i1"}]}
EVENT = {"events": [{"user_id": "u1", "item_id": "i1", "event_type": "view", "timestamp": "2024-03-01T10:00:00Z"}]}
ITEM = {"items": [{"item_id": "i1", "price": 9.5, "category": "Books"}]}
QUERIES = {
    (panel["title"], target["expr"])
    for panel in json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())["panels"]
    for target in panel["targets"]
}


@pytest.fixture
def ask_on(ending):
    """Go on sending a request to a server, in a thread, until the test ends or the returned event is set."""

    def begin(server, method, path, body, headers=None, every=0.05):
        enough = Event()

        def keep_asking():
            while not enough.wait(every):
                with closing(connection(server.port)) as connected, suppress(OSError, HTTPException):
                    while not enough.wait(every):
                        exchange(connected, method, path, body, headers)

        thread = Thread(target=keep_asking)
        thread.start()
        ending.callback(thread.join)
        ending.callback(enough.set)
        return enough

    return begin


def test_every_panel_has_data_and_nothing_fires_for_a_server_that_is_well(serve, scrape, ask_on, products):
    server = serve(products)
    assert server.ask("PUT", "/items", ITEM)[0] == 200
    prometheus = scrape(server)
    for method, path, body in (("POST", "/predict", WHOLE), ("POST", "/events", EVENT), ("POST", "/predict", STORED)):
        ask_on(server, method, path, body)
    silent = lambda: [one for one in QUERIES if not any(map(math.isfinite, prometheus.values(one[1])))]  # noqa: E731
    wait_for(lambda: not silent(), lambda: f"no data: {silent()}", 40)
    assert prometheus.firing() == set()


def test_each_alert_fires_for_its_fault(serve, scrape, ask_on, ending, products, redis_running, tmp_path):
    """Three servers: one loses its champion and its store, one its log and its patience, one never had a model."""
    (tmp_path / "empty").mkdir()
    other = shutil.copytree(products, tmp_path / "other")
    registry.promote(other / "models", small_model.SECOND, "a test")
    reading, writing = os.pipe()
    for end in (reading, writing):
        ending.callback(os.close, end)
    first = serve(products, WILLBUY_STORE=redis_running.url)
    limited = serve(other, log=writing, WILLBUY_RATE_LIMIT=200, **KEYS)
    without = serve(tmp_path / "empty")
    prometheus = scrape(first, limited, without)
    fired = set()

    def fires(*alerts, seconds=40):
        def all_did():
            fired.update(prometheus.firing())
            return fired >= set(alerts)

        wait_for(all_did, lambda: f"{set(alerts) - fired} never fired", seconds)

    # What comes in: no events any more, rows that lack features, items that nobody sent, then another kind of rows.
    events = ask_on(first, "POST", "/events", EVENT)
    for body in (STORED, {"features": [{"hour": 1}]}):
        ask_on(first, "POST", "/predict", body)
    ordinary = ask_on(first, "POST", "/predict", WHOLE)
    fires("WillbuyIncompleteRows", "WillbuyUnknownItems", "WillbuyNoModel", "WillbuyVersionsDiffer")
    assert not fired & {"WillbuyNoEvents", "WillbuyScoresShifted", "WillbuyStoreDown", "WillbuyDown", "WillbuySlow"}
    events.set(), ordinary.set()
    likely = ask_on(first, "POST", "/predict", LIKELY, every=0.005)
    fires("WillbuyNoEvents", "WillbuyScoresShifted")
    likely.set()
    # A caller over its limit; nobody reads the log of it.
    impatient = ask_on(limited, "POST", "/predict", WHOLE, KEY, every=0.001)
    fires("WillbuyRateLimited", "WillbuyLogDropped")
    impatient.set()
    # Bodies that do not come.
    waiting = [socket.create_connection(("127.0.0.1", first.port)) for _ in range(210)]
    for one in waiting:
        ending.callback(one.close)
        one.sendall(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
    fires("WillbuyBusy")
    # A champion that is damaged, a store that hangs, a server that is gone.
    (products / "models" / small_model.THIRD / "trees.npz").write_bytes(b"PK")
    registry.promote(products / "models", small_model.THIRD, "a test")
    redis_running.process.send_signal(signal.SIGSTOP)
    ending.callback(redis_running.process.send_signal, signal.SIGCONT)
    without.stop()
    fires(*ALERTS, seconds=60)
