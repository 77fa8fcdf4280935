"""Who has not come back for long is erased; who has, or may, stays."""

import threading

import numpy as np
import pytest
from features.histories import DAY
from replay import fresh_store
from server import wait_for

from app.online import expiry
from app.online.records import to_records
from app.online.store import embedded, history, shared

STORES = pytest.mark.parametrize("kind", ["embedded", "redis"])
NOW = 10_000 * DAY


def tell(app, user, *days):
    times = [NOW - day * DAY for day in days]
    n = len(times)
    records = to_records(times, [1] * n, [0] * n, np.full(n, np.nan), np.full(n, np.nan))
    app.online.add({user: records}, gap_us=DAY)


def kept(app, names):
    return [name for name in names if app.online.store.read([name], []).histories[0]]


@STORES
def test_only_those_of_whom_nothing_has_happened_for_long_are_erased(app, kind, request, monkeypatch):
    fresh_store(app, kind, request)
    for module in (embedded, shared):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    days = {"gone": (400, 300), "back": (400, 300, 10), "late": (10, 400), "edge": (100,), "to come": (400, -5)}
    for user, happened in days.items():
        for day in happened:
            tell(app, user, day)
    for n in range(7):
        tell(app, f"old {n}", 200)
    counts = list(expiry.erase_before(app.online.store, NOW - 100 * DAY))
    assert sum(counts) == 8
    assert kept(app, [*days, *(f"old {n}" for n in range(7))]) == ["back", "late", "edge", "to come"]
    assert list(expiry.erase_before(app.online.store, NOW - 100 * DAY))[-1] == 0


def test_what_was_dropped_counts_too(app):
    """Events that are only folded into running values are known of, too."""
    tell(app, "u", *range(60, 200))
    tell(app, "u", 10_000)
    assert app.online.store.forget(["u"], NOW - 100 * DAY) == 0


@STORES
def test_somebody_who_comes_back_meanwhile_stays(app, kind, request, monkeypatch):
    fresh_store(app, kind, request)
    tell(app, "u", 200)
    looked, returned = history.is_before, []

    def look(content, before):
        if not returned:
            returned.append(True)
            tell(app, "u", 1)
        return looked(content, before)

    monkeypatch.setattr(history, "is_before", look)
    assert app.online.store.forget(["u"], NOW - 100 * DAY) == 0
    assert (kept(app, ["u"]), returned) == (["u"], [True])


def test_a_worker_goes_round_and_another_waits_for_its_end(app, tmp_path):
    tell(app, "u", 200)
    clock = iter([NOW, NOW]).__next__
    app.online.now = clock
    for _ in range(2):
        arguments = (app.online, tmp_path, 100 * DAY)
        threading.Thread(target=expiry.keep_erasing, args=arguments, daemon=True).start()
    wait_for(lambda: not kept(app, ["u"]))
    assert clock() == NOW
