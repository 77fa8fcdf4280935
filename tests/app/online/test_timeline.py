"""What an item was, put together from entries in any order, against every value by hand."""

from random import Random

import pytest
from entries import ALL, ENTRIES, by_hand
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from app.online.store.retention import Retention
from app.online.store.timeline import REPEATS, Entry, State, merge_all, unpack
from willbuy.features.kernel import NEVER

OF_ONE = ENTRIES.map(lambda entries: [entry for entry in entries if entry.item_id == "x"])


def merged(entries, retention, batches):
    """The timeline of entries of one item that come in so many batches, and how often the item changed."""
    content, changed = b"", 0
    for batch in range(batches):
        new = merge_all({0: content}, {0: entries[batch::batches]}, retention)
        content, changed = new.contents.get(0, content), changed + len(new.changed)
    return unpack(content), changed


@given(entries=OF_ONE, batches=st.integers(1, 12))
def test_an_item_is_at_each_time_what_was_said_last_of_it(entries, batches):
    timeline, _ = merged(entries, ALL, batches)
    arrived = [entry for batch in range(batches) for entry in entries[batch::batches]]
    assert [timeline.at(time) for time in range(-1, 22)] == [by_hand(arrived, time) for time in range(-1, 22)]
    assert timeline.since == NEVER


@given(entries=OF_ONE, order=st.integers(0, 99).map(Random))
def test_the_order_of_arrival_does_not_matter(entries, order):
    entries = list({entry.since: entry for entry in entries}.values())
    before, _ = merged(entries, ALL, batches=12)
    order.shuffle(entries)
    assert merged(entries, ALL, batches=12)[0] == before


def test_a_category_said_late_of_a_time_before_is_not_lost():
    timeline, _ = merged([Entry("x", 9, base_price=2.0, price=1.0), Entry("x", 3, "a")], ALL, batches=2)
    assert {timeline.at(time) for time in (0, 3, 8, 9, 99)} == {State("a", 2.0, 1.0)}


@given(entries=OF_ONE, batches=st.integers(1, 12), kept_us=st.integers(0, 20))
def test_dropped_values_are_those_that_no_kept_time_needs(entries, batches, kept_us):
    timeline, _ = merged(entries, Retention(10**18, kept_us, None), batches)
    arrived = [entry for batch in range(batches) for entry in entries[batch::batches]]
    since = [e.since for e in entries if {e.category, e.base_price, e.price} != {UNSET}]
    oldest = max(since, default=NEVER) - kept_us
    assert timeline.since <= oldest or timeline.since == NEVER
    for time in range(max(timeline.since, -1), 22):
        assert timeline.at(time) == by_hand(arrived, time)
    assert all(sum(time <= oldest for time, _ in values) <= 1 for values in timeline.values)


def test_the_future_makes_no_value_old():
    entries = [Entry("x", time, price=float(time)) for time in (0, 10, 10**9)]
    timeline, _ = merged(entries, Retention(20, 15, None), batches=3)
    assert [timeline.at(time).price for time in (0, 10, 10**9)] == [0, 10, 10**9]


@pytest.mark.parametrize("price", [9.5, None])
def test_what_is_only_said_again_changes_nothing_and_takes_no_room(price):
    timeline, changed = merged([Entry("x", time, price=price) for time in range(500)], ALL, batches=500)
    assert (changed, len(timeline.values[-1])) == (1, REPEATS + 1)
    # Yet what is said late of a time before stands only until it was said again.
    late, _ = merged([Entry("x", time, price=price) for time in (0, 5, 9)] + [Entry("x", 3, price=1.0)], ALL, batches=4)
    assert [late.at(time).price for time in (2, 3, 4, 5, 9)] == [price, 1.0, 1.0, price, price]
