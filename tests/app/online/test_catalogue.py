"""The catalogue that follows a store: the same items in every worker, at any time, and while others write."""

import sqlite3
import threading
from contextlib import closing

import numpy as np
import pytest
import redis
from entries import ENTRIES, by_hand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replay import fresh_store

from app.online.catalogue import Catalogue
from app.online.records import item_number
from app.online.store import StoreError
from app.online.store.opening import open_store
from app.online.store.timeline import Entry, State

UNKNOWN = State(None, None, None)
ITEMS = ("y", "nothing said", "x")
NUMBERS = np.array([item_number(item) for item in ITEMS])
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STORES = pytest.mark.parametrize("kind", ["embedded", "redis"])


def follow(catalogue, store):
    catalogue.follow(store, store.read([], []).revision)
    return catalogue


def states(catalogue, time):
    found = [dict(zip(item.dtype.names, item.item(), strict=True)) for item in catalogue.look_up(NUMBERS, time)]
    prices = [[None if np.isnan(item[name]) else item[name] for name in State._fields[1:]] for item in found]
    categories = [None if item["category"] < 0 else catalogue.categories[item["category"]] for item in found]
    return [State(category, *of_it) for category, of_it in zip(categories, prices, strict=True)]


@STORES
@settings(QUICK, max_examples=20)
@given(entries=ENTRIES, batch=st.integers(1, 5))
def test_every_worker_knows_what_held_at_each_time(app, kind, request, entries, batch):
    fresh_store(app, kind, request)
    online = app.online
    for start in range(0, len(entries), batch):
        online.put(entries[start : start + batch])
        said = entries[: start + batch]
        for catalogue in (follow(online.catalogue, online.store), follow(Catalogue(), online.store)):
            for time in range(-1, 22):
                assert states(catalogue, time) == [by_hand(said, time, item) for item in ITEMS]
    changes = online.catalogue.changes(NUMBERS, 5)
    all_states = [states(online.catalogue, time) for time in range(5, 22)]
    assert changes == [time for time in range(6, 22) if all_states[time - 5] != all_states[time - 6]]


@STORES
def test_only_what_changes_an_item_is_told_to_workers(app, kind, request):
    fresh_store(app, kind, request)
    store = app.online.store
    assert app.online.put([Entry(item, 0, "a", 10.0, 9.0) for item in "xyz"]) == 3
    (_, first), contents = store.items_after(0)
    assert set(contents) == {item_number(item) for item in "xyz"}
    assert app.online.put([Entry("x", 5, price=9.0), Entry("new", 5)]) == 0
    (_, later), contents = store.items_after(first)
    assert (later, contents) == (first, {})
    assert app.online.put([Entry("y", 5, price=8.0), Entry("z", 5, price=9.0)]) == 1
    (_, later), contents = store.items_after(first)
    assert (later > first, list(contents)) == (True, [item_number("y")])


@STORES
def test_a_store_does_not_grow_with_every_price(app, kind, request):
    fresh_store(app, kind, request, lookback_days=1)
    day = 86_400_000_000
    for n in range(200):
        app.online.put([Entry("x", n * day, price=float(n))])
    (content,) = app.online.store.items_after(0)[1].values()
    assert len(content) < 1000
    catalogue = follow(Catalogue(), app.online.store)
    since = catalogue.known_since(NUMBERS)
    assert since == catalogue.since == 167 * day
    assert [catalogue.look_up(NUMBERS, time)["price"][2] for time in (since, since + day, 500 * day)] == [167, 168, 199]


def empty(app, kind, request):
    """As if the store had lost everything, whoever works with it."""
    if kind == "redis":
        request.getfixturevalue("redis_running").empty()
        return
    for path in app.settings.state.glob("*/online.sqlite"):
        path.unlink()  # with its -wal and -shm left behind, as who knows no better would


@STORES
def test_a_store_that_comes_back_empty_is_read_anew(app, kind, request):
    fresh_store(app, kind, request)
    online = app.online
    for price in (1.0, 2.0, 3.0):
        online.put([Entry("x", 0, "old", price, price), Entry("y", 0, "gone")])
    old = State("old", 3.0, 3.0)
    assert states(follow(online.catalogue, online.store), 1) == [State("gone", None, None), UNKNOWN, old]
    empty(app, kind, request)
    online.put([Entry("x", 0, "new")])
    for catalogue in (online.catalogue, Catalogue()):
        assert states(follow(catalogue, online.store), 1) == [UNKNOWN, UNKNOWN, State("new", None, None)]
    empty(app, kind, request)
    assert states(follow(online.catalogue, online.store), 1) == [UNKNOWN] * 3


@STORES
def test_a_store_that_has_lost_its_last_changes_is_read_anew(app, kind, request, tmp_path):
    fresh_store(app, kind, request)
    online, catalogue = app.online, Catalogue()
    online.put([Entry("x", 0, "kept")])
    kept = online.store.items_after(0)[1]
    online.put([Entry("x", 0, "lost"), Entry("y", 0, "lost")])
    follow(catalogue, online.store)
    lose(app, kind, request, kept)
    assert states(follow(catalogue, online.store), 1) == [UNKNOWN, UNKNOWN, State("kept", None, None)]
    follow(catalogue, online.store)
    online.put([Entry("x", 0, "new")])
    assert states(follow(catalogue, online.store), 1)[2] == State("new", None, None)


def lose(app, kind, request, kept):
    """Put `kept` in place of the timelines, as a store does that forgets its last second."""
    if kind == "redis":
        with redis.Redis.from_url(request.getfixturevalue("redis_running").url) as client:
            client.delete("willbuy:timelines", "willbuy:revisions")
            client.hset("willbuy:timelines", mapping=kept)
            client.zadd("willbuy:revisions", dict.fromkeys(kept, 1))
        return
    (path,) = app.settings.state.glob("*/online.sqlite")
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DELETE FROM timelines")
        other.executemany("INSERT INTO timelines VALUES (?, 1, ?)", kept.items())


def test_a_file_from_before_timelines_is_refused_in_words(tmp_path):
    with sqlite3.connect(tmp_path / "old.sqlite") as old:
        old.execute("CREATE TABLE items (number INTEGER PRIMARY KEY, entry BLOB NOT NULL)")
    with pytest.raises(StoreError, match="drop its table items"):
        open_store(str(tmp_path / "old.sqlite"), 1).read([], [])


def test_a_redis_from_before_timelines_is_refused_in_words(redis_running):
    redis_running.empty()
    redis.Redis.from_url(redis_running.url).rpush("willbuy:items", b"an entry")
    with pytest.raises(StoreError, match="delete willbuy:items"):
        open_store(redis_running.url, 1).read([], [])
    redis_running.empty()


@pytest.mark.slow
def test_thousands_of_items_find_their_places(app, request):
    fresh_store(app, "embedded", request)
    catalogue = Catalogue()
    for start in (0, 1, 10, 5000):
        app.online.put([Entry(f"i{n}", 0, price=float(n)) for n in range(start, 2 * start + 1)])
        follow(catalogue, app.online.store)
    numbers = np.array([item_number(f"i{n}") for n in range(10_002)])
    expected = [float(n) if n in {0, 1, 2, *range(10, 21), *range(5000, 10_001)} else np.nan for n in range(10_002)]
    assert np.array_equal(catalogue.look_up(numbers, 0)["price"], expected, equal_nan=True)


@pytest.mark.slow
def test_nobody_sees_half_of_a_change(app, request):
    """The base price of each version is its category's number, and all items change together."""
    fresh_store(app, "embedded", request)
    store, catalogue = app.online.store, Catalogue()
    numbers = np.array([item_number(f"i{n}") for n in range(2000)])
    torn, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            found = catalogue.look_up(numbers, 10**6)
            torn.extend(found[found["base_price"] != found["base_price"][0]])
            names = [catalogue.categories[code] for code in found["category"] if code >= 0]
            torn.extend(name for name in names if float(name) != found["base_price"][0])

    app.online.put([Entry(f"i{n}", 0, "0", 0.0) for n in range(2000)])
    follow(catalogue, store)
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for version in range(1, 10):
        app.online.put([Entry(f"i{n}", version, str(version), float(version)) for n in range(2000)])
        follow(catalogue, store)
    stop.set()
    for reader in readers:
        reader.join()
    assert not torn
