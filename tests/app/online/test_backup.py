"""A backup is the store at one moment, and a restore is seen by all workers, while events come in."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest
from replay import iso

from app.online.store.embedded import EmbeddedStore

pytestmark = pytest.mark.slow

T = 1_704_067_200_000_000
USERS = 4


def event(number):
    return {"user_id": f"u{number % USERS}", "item_id": "i", "event_type": "view", "timestamp": iso(T + number)}


class Shop(threading.Thread):
    """Sends event after event, and a price with each; `told` is how many were acknowledged."""

    def __init__(self, server):
        super().__init__()
        self.server, self.told, self.stopped, self.failed = server, 0, threading.Event(), []

    def run(self):
        while not self.stopped.is_set():
            n = self.told
            asked = [("POST", "/events", {"events": [event(n)]})]
            asked += [("PUT", "/items", {"items": [{"item_id": "i", "price": n, "timestamp": iso(T + n)}]})]
            self.failed += [status for status in (self.server.ask(*one)[0] for one in asked) if status != 200]
            self.told += 1


def count(server):
    """How many events the server knows of, and its price of the item."""
    point = {"item_id": "i", "timestamp": iso(T + 10**6)}
    rows = [point | {"user_id": f"u{n}"} for n in range(USERS)]
    found = server.ask("POST", "/predict", {"features": rows, "return_features": True})[2]["predictions"]
    features = [row["features"] for row in found]
    return sum(row["view_count_1h"] for row in features), features[0]["item_price"]


@pytest.fixture
def commands(make_app, tmp_path):
    runner = make_app(WILLBUY_STORE=str(tmp_path / "online.sqlite")).test_cli_runner()
    return lambda *arguments: runner.invoke(args=[*map(str, arguments)])


def test_there_and_back_while_events_come_in(serve, commands, tmp_path):
    server = serve(workers=2, WILLBUY_STORE=tmp_path / "online.sqlite", WILLBUY_STORE_SECONDS=10)
    shop = Shop(server)
    shop.start()
    try:
        time.sleep(1)
        before = shop.told
        done = commands("backup", tmp_path / "saved")
        after = shop.told
        assert done.exit_code == 0, done.output
        time.sleep(1)
        assert commands("restore", tmp_path / "saved").exit_code == 0
        assert count(server)[0] < shop.told
    finally:
        shop.stopped.set()
        shop.join()
    assert shop.failed == [] and before > 5
    assert commands("restore", tmp_path / "saved").exit_code == 0
    known = {count(server) for _ in range(10)}
    assert len(known) == 1, "workers know different stores"
    ((events, price),) = known
    assert before <= events <= after + 1 and price in (events - 1, events - 2)
    assert [path.name for path in tmp_path.glob("saved*")] == ["saved"]


def test_a_backup_restores_into_an_empty_place(make_app, commands, tmp_path):
    server = make_app(WILLBUY_STORE=str(tmp_path / "online.sqlite")).test_client()
    server.post("/events", json={"events": [event(n) for n in range(8)]})
    assert commands("backup", tmp_path / "saved").exit_code == 0
    for path in tmp_path.glob("online.sqlite*"):
        path.unlink()
    assert commands("restore", tmp_path / "saved").exit_code == 0
    assert len(EmbeddedStore(tmp_path / "online.sqlite", 1).read(["u1"], []).histories[0]) == 64 + 2 * 48
    assert server.post("/events", json={"events": [event(0)]}).json["duplicates"] == 1


@pytest.mark.parametrize("content", [b"", b"not a database " * 1000])
def test_what_is_no_backup_changes_nothing(commands, tmp_path, content):
    (tmp_path / "saved").write_bytes(content)
    done = commands("restore", tmp_path / "saved")
    assert done.exit_code == 1 and "nothing was changed" in done.output and "Traceback" not in done.output
    assert not (tmp_path / "online.sqlite").exists()


def test_a_half_backup_is_refused(make_app, commands, tmp_path):
    server = make_app(WILLBUY_STORE=str(tmp_path / "online.sqlite")).test_client()
    server.post("/events", json={"events": [event(n) for n in range(999)]})
    assert commands("backup", tmp_path / "saved").exit_code == 0
    whole = (tmp_path / "saved").read_bytes()
    (tmp_path / "saved").write_bytes(whole[: len(whole) // 2])
    assert commands("restore", tmp_path / "saved").exit_code == 1
    with closing(sqlite3.connect(tmp_path / "online.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM users").fetchone() == (USERS,)


def test_without_a_store_or_with_a_redis_it_is_said_what_to_do(commands, make_app, tmp_path):
    assert "there is no store" in commands("backup", tmp_path / "saved").output
    runner = make_app(WILLBUY_STORE="redis://127.0.0.1:1/0").test_cli_runner()
    assert "redis-cli --rdb" in runner.invoke(args=["backup", str(tmp_path / "saved")]).output
