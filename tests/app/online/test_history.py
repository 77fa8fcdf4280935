"""Histories and daily counts as stores keep them, against the plainest way to keep them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.online.store import history, tallies
from app.online.store.history import ACCEPTED, DUPLICATE, TOO_OLD, merge, unpack
from app.online.store.retention import Retention
from willbuy.clock import DAY_US
from willbuy.features import kernel
from willbuy.features.online import RECORD

DAY = DAY_US
GAP = 1000
NOW = 10**18
TIMES = st.integers(-5, 300)


def records(events):
    """Events given as (time, type, key)."""
    made = np.zeros(len(events), RECORD)
    for n, (time, kind, key) in enumerate(events):
        made[n] = (time, kind % 3, key, 1.0, np.nan, kind)
    return made


EVENTS = st.lists(st.tuples(TIMES, st.integers(0, 4), st.integers(0, 60)), max_size=30)


@given(batches=st.lists(EVENTS.filter(bool), max_size=6))
def test_every_key_is_kept_once_and_in_time(batches):
    content, told, fates = b"", {}, []
    for batch in batches:
        merged = merge(content, records(batch), Retention(NOW, 10**6, GAP))
        content = merged.content
        for event, fate in zip(batch, merged.fate, strict=True):
            assert fate == (DUPLICATE if event[2] in told else ACCEPTED)
            told.setdefault(event[2], event)
            fates.append(fate)
    kept = unpack(content).records
    assert (np.diff(kept["time"]) >= 0).all()
    assert sorted(kept["key"]) == sorted(told)
    assert {(r["time"], r["type"], r["key"]) for r in kept} == set(told.values())


@given(batches=st.lists(EVENTS.filter(bool), max_size=6), kept_us=st.integers(0, 200))
def test_what_is_dropped_leaves_its_latest_times_behind(batches, kept_us):
    # One record a block, so that everything old goes at once; every event has its own key.
    block, history.BLOCK = history.BLOCK, 1
    try:
        content, number = b"", 0
        for batch in batches:
            own = [(time, kind, number + n) for n, (time, kind, _) in enumerate(batch)]
            number += len(batch)
            content = merge(content, records(own), Retention(NOW, kept_us, 3)).content
    finally:
        history.BLOCK = block
    found = unpack(content)
    everything = [(time, kind) for batch in batches for time, kind, _ in batch]
    dropped = [(time, kind) for time, kind in everything if time < found.since]
    assert sorted(found.records["time"]) == sorted(time for time, _ in everything if time >= found.since)
    latest = [max((m for m, k in dropped if k == kind), default=kernel.NEVER) for kind in range(5)]
    times = [time for time, _ in dropped]
    assert found.ever.tolist() == [*latest, max(times, default=kernel.NEVER), min(times, default=kernel.NEVER)]


def session_start(times, time, gap):
    for earlier in sorted((t for t in times if t < time), reverse=True):
        if time - earlier > gap:
            break
        time = earlier
    return time


HALF_DAYS = st.integers(0, 250).map(lambda n: n * DAY // 2)
GAPS = st.sampled_from([DAY // 2, DAY, 4 * DAY])


@pytest.mark.slow
@given(
    batches=st.lists(st.tuples(st.lists(HALF_DAYS, min_size=1, max_size=20), GAPS | st.none()), max_size=6), gap=GAPS
)
def test_what_is_answered_needs_no_dropped_event_and_the_rest_does(batches, gap):
    block, history.BLOCK = history.BLOCK, 1
    try:
        content, times = b"", []
        for batch, gap_then in batches:
            own = records([(time, 0, len(times) + n) for n, time in enumerate(batch)])
            content, times = merge(content, own, Retention(NOW, 31 * DAY, gap_then)).content, times + batch
    finally:
        history.BLOCK = block
    found = unpack(content)
    since = found.answered_from(gap)
    edges = {t + more for t in times for more in (0, 1, gap, gap + 1, 30 * DAY, 30 * DAY + 1)}
    for time in edges | {since, max(since - 1, kernel.NEVER)}:
        earliest = min((t for t in times if time - 30 * DAY <= t < time), default=time)
        needed = min(session_start(times, moment, gap) for moment in (time, earliest))
        needed = min(needed, time - 30 * DAY)
        if time > found.ever[kernel.Measure.EVENT]:
            assert (time >= since) == (found.ever[kernel.Measure.EVENT] < needed)
        else:
            assert time < since or since == kernel.NEVER


def test_without_a_model_nothing_is_dropped():
    events = [(n * DAY, 0, n) for n in range(500)]
    assert len(unpack(merge(b"", records(events), Retention(NOW, 0, None)).content).records) == 500


@pytest.mark.parametrize("gap", [3, None])
def test_of_one_user_not_more_than_so_many_events_are_kept(monkeypatch, gap):
    monkeypatch.setattr(history, "MOST", 100)
    monkeypatch.setattr(history, "BLOCK", 1)
    content, dropped = b"", []
    for start in range(0, 1000, 7):
        busy = [(time, time % 5, time) for time in range(start, start + 7)]
        content = merge(content, records(busy), Retention(NOW, 10**9, gap)).content
        found = unpack(content)
        assert 90 <= len(found.records) <= 100 or start < 98
        assert found.records["time"].tolist() == list(range(max(found.since, 0), start + 7))
        dropped.append(found.since)
    assert len(set(dropped)) > 5
    assert found.ever[kernel.Measure.EVENT] == found.since - 1
    assert sorted(found.ever[:5]) == list(range(found.since - 5, found.since))
    assert found.answered_from(3) > start + 7  # all of it is one session, which began before


def test_events_of_one_time_are_kept_or_dropped_together(monkeypatch):
    monkeypatch.setattr(history, "MOST", 10)
    monkeypatch.setattr(history, "BLOCK", 1)
    found = unpack(merge(b"", records([(n // 8, 0, n) for n in range(24)]), Retention(NOW, 10**9, 3)).content)
    assert found.records["time"].tolist() == [2] * 8


def test_a_session_that_reaches_back_is_kept_whole():
    busy = [(time, 0, time) for time in range(0, 500, 3)]
    content = merge(b"", records([(-500, 0, -500 - n) for n in range(1)]), Retention(NOW, 10, 3)).content
    content = merge(content, records(busy), Retention(NOW, 10, 3)).content
    assert unpack(content).records["time"][-167:].tolist() == [time for time, _, _ in busy]


def test_the_future_makes_nothing_old():
    events = [(time, 0, time) for time in range(0, 20_000, 100)]
    retention = Retention(20_000, 10**6, 1)
    merged = merge(b"", records([*events, (10**15, 0, -1)]), retention)
    assert len(unpack(merged.content).records) == len(events) + 1
    later = merge(merged.content, records([(2 * 10**6, 0, -2)]), Retention(10**9, 10**6, 1))
    assert len(unpack(later.content).records) == 2
    assert merge(later.content, records([(5, 0, -3)]), retention).fate.tolist() == [TOO_OLD]


@settings(max_examples=50)
@given(
    events=st.lists(st.tuples(st.integers(-80 * DAY, 80 * DAY), st.integers(0, 4), st.just(0)), max_size=40),
    day=st.integers(-70, 90),
)
def test_daily_counts_are_those_of_a_plain_count(events, day):
    kept = {}
    for part in (events[::2], events[1::2]):
        for increment in tallies.increments(records(part)):
            place = increment.item, increment.run
            kept[place] = tallies.added(kept.get(place), increment)
    found = tallies.window([kept.get((item, run)) for item in range(3) for run in tallies.runs(day)], day)
    expected = np.zeros((3, 30, 3))
    for time, kind, _ in events:
        ago = day - time // DAY
        if kind in (0, 2, 4) and 1 <= ago <= 30:
            expected[kind % 3, -ago, (0, 2, 4).index(kind)] += 1
    assert np.array_equal(found, expected)
