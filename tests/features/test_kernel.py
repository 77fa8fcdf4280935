"""The kernel alone: decision points that are in no log, a past that has been trimmed, a plan for fewer features."""

import numpy as np
import pytest
from features.histories import CATALOGUES, DAY, EDGES, GAP, MINUTE, STEPS, events, histories
from features.online import PLAN, catalogue_of, decisions_of, features_of, log_of
from features.oracle import oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.features import kernel
from willbuy.features.definitions import FEATURES, NAMES
from willbuy.features.plan import compile_plan
from willbuy.schema import EVENT_TYPES

LONGEST = 30 * DAY


def moments(log):
    """Decision points of one user at, beside and between the moments of the log."""
    near = st.builds(int.__add__, st.sampled_from([e["timestamp"] for e in log]), STEPS)
    decision = st.builds(
        lambda event, moment, kind: {**event, "timestamp": moment, "event_type": kind},
        events(("u1",)),
        near,
        st.sampled_from(["view", "add_to_cart"]),
    )
    return st.lists(decision, min_size=1, max_size=4).map(lambda found: sorted(found, key=lambda d: d["timestamp"]))


def latest(past):
    """The times of the latest event of each type, of any type, and of the first event."""
    ever = np.full((1, 7), kernel.NEVER)
    for event in sorted(past, key=lambda e: e["timestamp"]):
        ever[0, [EVENT_TYPES.index(event["event_type"]), kernel.Measure.EVENT]] = event["timestamp"]
    if past:
        ever[0, kernel.FIRST] = min(e["timestamp"] for e in past)
    return ever


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(data=st.data(), log=histories(most=30, users=("u1", "u2")), items=CATALOGUES)
def test_decisions_that_are_in_no_log_equal_the_oracle(data, log, items):
    decisions = data.draw(moments(log))
    for row, decision in zip(features_of(log, items, decisions), decisions, strict=True):
        assert row == oracle(log, items, decision, GAP, NAMES)


def whole_sessions_since(moment, log):
    """The time since which a history is kept that cuts no session."""
    for event in sorted(log, key=lambda e: e["timestamp"], reverse=True):
        if event["timestamp"] < moment and moment - event["timestamp"] <= GAP:
            moment = event["timestamp"]
    return moment


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(data=st.data(), log=histories(most=30, users=("u1",)), items=CATALOGUES)
def test_a_trimmed_past_with_its_latest_times_gives_the_same_features(data, log, items):
    decisions = data.draw(moments(log))[:1]
    oldest = whole_sessions_since(decisions[0]["timestamp"] - LONGEST, log)
    past = [e for e in log if e["timestamp"] < oldest]
    whole = features_of(log, items, decisions)[0]
    trimmed = features_of([e for e in log if e["timestamp"] >= oldest], items, decisions, latest(past))[0]
    # Complete days begin before t - 30 d: they need more.
    users = [f.name for f in FEATURES if f.family != "item"]
    assert {name: trimmed[name] for name in users} == {name: whole[name] for name in users}


@settings(max_examples=40, deadline=None)
@given(data=st.data(), log=histories(users=("u1",)), items=CATALOGUES)
def test_a_feature_does_not_depend_on_which_others_are_asked_for(data, log, items):
    decisions = data.draw(moments(log))
    chosen = data.draw(st.lists(st.sampled_from(FEATURES), min_size=1, max_size=5, unique=True))
    ids = sorted({e["item_id"] for e in log} | {d["item_id"] for d in decisions})
    catalogue = catalogue_of(log, items, ids)
    inputs = log_of(log, ids, catalogue), decisions_of(decisions, ids), catalogue
    whole, part = np.empty((len(FEATURES), len(decisions))), np.empty((len(chosen), len(decisions)))
    kernel.compute(*inputs, PLAN, GAP, whole)
    kernel.compute(*inputs, compile_plan(chosen), GAP, part)
    np.testing.assert_array_equal(part, whole[[FEATURES.index(f) for f in chosen]])


NOON = 19_723 * DAY + DAY // 2
BOOK = {"i1": {"category": "Books", "base_price": 20.0}}


def on_item(event_type, ago):
    values = {"price": 10.0, "duration_seconds": 2.5, "timestamp": NOON - ago}
    return {"user_id": "u1", "item_id": "i1", "event_type": event_type, **values}


@pytest.mark.parametrize("beside", [-1, 0, 1])
@pytest.mark.parametrize("edge", EDGES)
def test_the_edges_of_windows_are_where_the_words_put_them(edge, beside):
    """One event of each type a microsecond inside, at and outside of each edge, alone and with a session between."""
    decision = on_item("view", 0)
    for event_type in EVENT_TYPES:
        for between in ([], [on_item("scroll", MINUTE)], [on_item("scroll", edge - MINUTE)]):
            log = [on_item(event_type, edge + beside), *between]
            assert features_of(log, BOOK, [decision])[0] == oracle(log, BOOK, decision, GAP, NAMES)


@pytest.mark.parametrize("closing", ["remove_from_cart", "purchase"])
@pytest.mark.parametrize(("later", "is_open"), [(-1, 1), (0, 0), (1, 0)])
def test_a_removal_or_purchase_at_the_very_same_microsecond_closes_the_cart(closing, later, is_open):
    log = [on_item("add_to_cart", DAY), on_item(closing, DAY - later)]
    assert features_of(log, BOOK, [on_item("view", 0)])[0]["user_item_open_cart"] == is_open


@pytest.mark.parametrize(("late", "seconds"), [(-1, 2.5), (0, 2.5), (1, 0.0)])
def test_a_dwell_that_ends_at_the_very_moment_has_ended(late, seconds):
    log = [on_item("view", 2_500_000 - late)]
    found = features_of(log, BOOK, [on_item("view", 0)])[0]
    assert found["session_item_seconds"] == found["user_item_dwell_seconds_30d"] == seconds
    assert (found["dwell_log_30d"] is None) == (found["user_item_last_dwell_log_vs_user"] is None) == (seconds == 0)


def test_carts_of_other_items_close_with_their_time_and_their_purchase():
    added = [{**on_item("add_to_cart", LONGEST - n), "item_id": f"other{n}"} for n in (-1, 0, 1)]
    log = [*added, on_item("add_to_cart", MINUTE)]
    assert features_of(log, BOOK, [on_item("view", 0)])[0]["other_open_carts"] == 2
    log.append({**on_item("purchase", MINUTE), "item_id": "other1"})
    assert features_of(log, BOOK, [on_item("view", 0)])[0]["other_open_carts"] == 1


def test_of_two_last_events_at_the_same_time_the_larger_discount_counts():
    log = [{**on_item("view", DAY), "price": price} for price in (15.0, 5.0, 10.0)]
    for order in (log, log[::-1]):
        assert features_of(order, BOOK, [on_item("view", 0)])[0]["user_item_discount_at_last"] == 75.0


@pytest.mark.parametrize(("silence", "earlier"), [(0, 1), (1, 0)])
def test_after_a_silence_of_more_than_14_days_the_way_begins_anew(silence, earlier):
    log = [{**on_item("view", 15 * DAY + silence), "price": 20.0}, on_item("view", DAY)]
    found = features_of(log, BOOK, [on_item("view", 0)])[0]
    assert found["user_item_visits_since_first"] == 1 + earlier
    assert found["user_item_discount_at_first"] == (0.0 if earlier else 50.0)


@pytest.mark.parametrize(("silence", "events"), [(GAP, 2), (GAP + 1, 1)])
def test_a_silence_of_exactly_the_gap_goes_on_with_the_session(silence, events):
    log = [on_item("view", MINUTE + silence), on_item("view", MINUTE)]
    assert features_of(log, BOOK, [on_item("view", 0)])[0]["session_event_count"] == events


def test_users_without_decisions_and_calls_without_any_are_fine():
    empty = kernel.Log(np.array([0]), np.zeros(0, kernel.EVENT_RECORD), np.zeros((0, 7), np.int64))
    none = kernel.Decisions(np.array([0]), np.zeros(0, kernel.DECISION_RECORD))
    out = np.empty((len(FEATURES), 0))
    kernel.compute(empty, none, catalogue_of([], {}, []), PLAN, GAP, out)
    assert out.shape == (len(FEATURES), 0)
