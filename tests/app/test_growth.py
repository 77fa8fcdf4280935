"""What a request costs stays what it was, however much a shop has sent: CPU time, each against the same on little."""

import gc
import statistics
import time
from functools import partial

import numpy as np
import pytest
from replay import iso

from app.online.records import to_records
from app.online.store.timeline import Entry

pytestmark = pytest.mark.slow

T = 1_704_067_200_000_000
POINT = {"features": [{"user_id": "u", "item_id": "i1", "timestamp": iso(T)}]}


def cost(ask, times=25):
    """The median CPU seconds of `ask()`, as far as this process is concerned."""
    gc.collect()
    spent = []
    for _ in range(times):
        began = time.process_time()
        assert ask().status_code == 200
        spent.append(time.process_time() - began)
    return statistics.median(spent)


@pytest.fixture
def shop(make_app, tmp_path):
    """A client of an app with a store of its own, and its online part."""

    def made(name):
        app = make_app(WILLBUY_STORE=str(tmp_path / f"{name}.sqlite"))
        return app.test_client(), app.online

    return made


def tell_items(online, count, categories=5):
    for start in range(0, count, 10_000):
        numbers = range(start, min(start + 10_000, count))
        online.put([Entry(f"i{n}", T - 10, f"c{n % categories}", 20.0, 15.0) for n in numbers])


def tell_events(online, count, user="u"):
    none = np.full(count, np.nan)
    times = T - 1 - np.arange(count) * 1_000_000
    records = to_records(times, np.arange(count) % 50, np.zeros(count, np.int64), none, none)
    records["key"] = np.arange(count)
    for start in range(0, count, 1000):
        online.add({user: records[start : start + 1000]}, 1_800_000_000)


def test_items(shop):
    def measured(count):
        client, online = shop(f"items {count}")
        tell_items(online, count)
        numbers = iter(range(10**6))
        put = lambda: client.put("/items", json={"items": [{"item_id": "i1", "price": next(numbers)}]})  # noqa: E731
        return cost(put), cost(lambda: client.get("/features?user_id=u&item_id=i1")), cost(lambda: _predict(client))

    few, many = measured(100), measured(100_000)
    assert all(large <= 3 * small for small, large in zip(few, many, strict=True)), (few, many)


def test_categories(shop):
    def measured(categories):
        client, online = shop(f"categories {categories}")
        tell_items(online, 50_000, categories)
        _predict(client)
        return cost(lambda: _predict(client))

    assert measured(50_000) <= 2 * measured(5)


def test_events_of_one_user(shop):
    def measured(count):
        client, online = shop(f"events {count}")
        tell_events(online, count)
        return cost(lambda: client.post("/events", json={"events": [_event()]})), online

    (few, _), (many, online) = measured(20_000), measured(100_000)
    assert many <= 1.5 * few
    assert len(online.store.read(["u"], []).histories[0]) <= 48 * 20_001 + 64


def test_values_that_are_only_said_again(shop):
    def first_request(count):
        _, online = shop(f"again {count}")
        for start in range(0, count, 1000):
            numbers = range(start, min(start + 1000, count))
            online.put([Entry("i1", T - 100_000 + n, "c", 20.0, 15.0) for n in numbers])
        clients = [shop(f"again {count}")[0] for _ in range(5)]
        return min(cost(partial(_predict, client), 1) for client in clients)

    assert first_request(30_000) <= 2 * first_request(1)


def _predict(client):
    return client.post("/predict", json=POINT)


def _event(numbers=iter(range(10**6))):  # noqa: B008
    happened = {"user_id": "u", "item_id": "i1", "event_type": "view", "timestamp": iso(T)}
    return happened | {"event_id": str(next(numbers))}
