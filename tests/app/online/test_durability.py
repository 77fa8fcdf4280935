"""What was acknowledged is there once, whoever is killed; a store that is away is a 503 and never a wrong number."""

import http.client
import os
import signal
import sqlite3
import threading
import time
from contextlib import closing
from random import Random

import numpy as np
import pytest
import redis_server
import small_model
from features.histories import HOUR
from replay import iso, sent
from server import ask, wait_for

from app.online.records import item_number
from app.online.store import history
from app.online.store.embedded import EmbeddedStore
from app.online.store.shared import SharedStore
from willbuy.clock import DAY_US

pytestmark = pytest.mark.slow

START = 1_704_067_200_000_000
SHOPPERS = ("one", "other")


def event(number):
    base = {"user_id": SHOPPERS[number % 2], "item_id": f"i{number % 3}", "event_type": "view", "price": 9.5}
    return sent({**base, "timestamp": START + number}, event_id=f"event {number}")


def insist(port, body, end):
    """Send until it is acknowledged, again and again over whatever happens, as a shop would."""
    while time.monotonic() < end:
        try:
            status, _, answer = ask(port, "POST", "/events", body)
            assert status in (200, 503), answer
            if status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)
    raise AssertionError("the server did not come back")


def write(port, numbers, told):
    """Send the events in batches of 10, all writers to the same users; `told` collects what was acknowledged."""
    end = time.monotonic() + 60
    for start in range(0, len(numbers), 10):
        batch = numbers[start : start + 10]
        insist(port, {"events": [event(n) for n in batch]}, end)
        told.extend(batch)
        time.sleep(0.15)


def keep_killing(server, stop, random, killed):
    """Kill a worker at random times, each time once there are two again."""
    while not stop.wait(random.random()):
        if server.log.read_text().count("Started worker") == 2 + len(killed):
            killed.append(random.choice(server.workers()))
            os.kill(killed[-1], signal.SIGKILL)


def check(store, told):
    """Every acknowledged event is in the store once, and so it was counted."""
    items = np.array([item_number(f"i{n}") for n in range(3)])
    found = store.read(SHOPPERS, [(START // DAY_US + 1, items)])
    times = np.concatenate([history.unpack(content).records["time"] for content in found.histories])
    assert sorted(times - START) == sorted(told)
    assert found.tallies[0][:, -1, 0].tolist() == [sum(n % 3 == item for n in told) for item in range(3)]


@pytest.fixture(params=["embedded", "redis"])
def place(request, tmp_path):
    """Where a server is told that its store is, and that store."""
    if request.param == "embedded":
        return str(tmp_path / "online.sqlite"), EmbeddedStore(tmp_path / "online.sqlite", 5)
    url = request.getfixturevalue("redis_running").url
    request.getfixturevalue("redis_running").empty()
    return url, SharedStore(url, 5)


def test_no_acknowledged_event_is_lost_or_doubled_when_workers_are_killed(serve, place):
    url, store = place
    server = serve(workers=2, WILLBUY_STORE=url, WILLBUY_STORE_SECONDS=5)
    told = [[] for _ in range(4)]
    # Each event is sent by two of the four, as two machines of a shop might.
    writers = [
        threading.Thread(target=write, args=(server.port, range(n % 2, 400, 2), mine)) for n, mine in enumerate(told)
    ]
    stop, killed = threading.Event(), []
    killer = threading.Thread(target=keep_killing, args=(server, stop, Random(1), killed))
    for thread in (*writers, killer):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    killer.join()
    for process in (server.process.pid, *server.workers()):
        os.kill(process, signal.SIGKILL)
    assert len(set(killed)) > 1, "nobody was killed while they wrote"
    assert [len(mine) for mine in told] == [200] * 4
    check(store, sorted({n for mine in told for n in mine}))


DECISION = {"user_id": "one", "item_id": "i1", "event_type": "view", "price": 9.5, "timestamp": iso(START + HOUR // 2)}


def test_redis_may_go_away_and_come_back(serve, tmp_path):
    running = redis_server.started(tmp_path)
    server = serve(workers=2, WILLBUY_STORE=running.url, WILLBUY_STORE_SECONDS=1)
    insist(server.port, {"events": [event(n) for n in range(50)]}, time.monotonic() + 20)
    body = {"features": [DECISION], "return_features": True}
    status, _, right = server.ask("POST", "/predict", body)
    assert status == 200 and right["predictions"][0]["features"]["view_count_1h"] == 25
    running.stop()
    started = time.monotonic()
    status, headers, answer = server.ask("POST", "/predict", body)
    assert (status, headers["Retry-After"], answer["error"]["type"]) == (503, "1", "store_unavailable")
    assert answer["error"]["details"][0]["row"] == 0
    assert server.ask("POST", "/events", {"events": [event(99)]})[0] == 503
    assert time.monotonic() - started < 10
    row = small_model.as_rows(small_model.table(1, seed=5))[0]
    assert server.ask("POST", "/predict", {"features": [row]})[0] == 200
    running.start()
    wait_for(lambda: server.ask("POST", "/predict", body)[0] == 200)
    assert server.ask("POST", "/predict", body)[2] == right
    running.stop()


def test_a_writer_that_holds_the_embedded_store_makes_others_wait_and_then_fail(make_app, tmp_path):
    path = tmp_path / "online.sqlite"
    client = make_app(WILLBUY_STORE=str(path), WILLBUY_STORE_SECONDS="0.2").test_client()
    assert client.post("/events", json={"events": [event(0)]}).status_code == 200
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.post("/events", json={"events": [event(2)]}).status_code == 503
        answer = client.post("/predict", json={"features": [DECISION], "return_features": True})
        assert answer.json["predictions"][0]["features"]["view_count_1h"] == 1
        other.execute("ROLLBACK")
    assert client.post("/events", json={"events": [event(2)]}).json["accepted"] == 1


def test_a_store_that_is_no_database_leaves_rows_with_features_alone(make_app, tmp_path):
    (tmp_path / "online.sqlite").write_bytes(b"not a database " * 1000)
    client = make_app(WILLBUY_STORE=str(tmp_path / "online.sqlite")).test_client()
    row = small_model.as_rows(small_model.table(1, seed=5))[0]
    assert client.post("/predict", json={"features": [row]}).status_code == 200
    answer = client.post("/predict", json={"features": [row, DECISION]})
    assert answer.status_code == 503
    assert [detail["row"] for detail in answer.json["error"]["details"]] == [1]
    assert client.put("/items", json={"items": [{"item_id": "i1"}]}).status_code == 503
    assert client.post("/rank", json={"user_id": "one", "items": ["i1"]}).status_code == 503
    assert client.get("/features?user_id=one&item_id=i1").status_code == 503


@pytest.mark.parametrize("junk", [b"short", b"\xff" * 64 + b"half a record", b"\x7f" * (64 + 48)])
def test_junk_in_the_store_is_a_503_for_that_user_alone(make_app, tmp_path, junk):
    path = tmp_path / "online.sqlite"
    client = make_app(WILLBUY_STORE=str(path)).test_client()
    assert client.post("/events", json={"events": [event(0), event(1)]}).status_code == 200
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE pieces SET content = ? WHERE number >> 20 = (SELECT number FROM users LIMIT 1)", (junk,))
        (user,) = other.execute("SELECT user_id FROM users LIMIT 1").fetchone()
    statuses = {
        name: client.post("/predict", json={"features": [DECISION | {"user_id": name}]}).status_code
        for name in SHOPPERS
    }
    assert statuses == {name: 503 if name == user else 200 for name in SHOPPERS}
    assert client.post("/events", json={"events": [event(SHOPPERS.index(user) + 2)]}).status_code == 503
