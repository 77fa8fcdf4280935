from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import MINUTE, events_table, rows

from willbuy.files import write_table
from willbuy.schema import SESSIONS, check
from willbuy.sessions import sessionize

GAP = 30 * MINUTE
# Steps just under, at and just over the gap, and ties.
STEPS = st.sampled_from([0, 1, GAP - 1, GAP, GAP + 1, 5 * GAP])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sessions")


def sessions_of(log, folder):
    write_table(events_table(log), folder / "events.parquet")
    sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)
    check(folder / "sessions.parquet", SESSIONS)
    return pq.read_table(folder / "sessions.parquet").to_pylist()


@st.composite
def logs(draw):
    time, log = 0, []
    for step in draw(st.lists(STEPS, min_size=1, max_size=12)):
        time += step
        log += draw(rows(st.just(time), min_size=1, max_size=3))
    return draw(st.permutations(log))


def microseconds(row):
    return round(row["timestamp"].timestamp() * 1_000_000)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(log=logs())
def test_a_session_never_spans_a_longer_gap_and_never_splits_within_one(log, folder):
    found = sessions_of(log, folder)
    for user in {row["user_id"] for row in found}:
        theirs = [row for row in found if row["user_id"] == user]
        for before, after in pairwise(theirs):
            same = before["session_id"] == after["session_id"]
            assert same == (microseconds(after) - microseconds(before) <= GAP)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(log=logs())
def test_every_event_is_kept_and_session_start_is_the_first_event(log, folder):
    found = sessions_of(log, folder)
    kept = sorted((r["user_id"], r["item_id"], r["event_type"], r["timestamp"]) for r in found)
    expected = sorted(zip(*[events_table(log)[n].to_pylist() for n in events_table(log).column_names[:4]], strict=True))
    assert kept == expected
    for row in found:
        theirs = [r["timestamp"] for r in found if r["session_id"] == row["session_id"]]
        assert row["session_start"] == min(theirs)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(log=logs(), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_log_does_not_matter(log, seed, folder):
    first = sessions_of(log, folder)
    assert sessions_of(seed.sample(log, len(log)), folder) == first


def test_an_id_that_looks_like_a_session_stays_apart(folder):
    log = [("u", "x", "view", 0), ("u_1", "x", "view", 0), ("u", "x", "view", 2 * GAP)]
    found = sessions_of(log, folder)
    assert [row["session_id"] for row in found] == ["u_1", "u_2", "u_1_1"]


def test_rows_are_in_user_and_time_order(folder):
    log = [("b", "x", "view", 5), ("a", "y", "view", 9), ("a", "x", "scroll", 9), ("a", "x", "view", 1)]
    found = sessions_of(log, folder)
    assert [(r["user_id"], r["item_id"], r["event_type"]) for r in found] == [
        ("a", "x", "view"),
        ("a", "x", "scroll"),
        ("a", "y", "view"),
        ("b", "x", "view"),
    ]


def test_contexts_stay_with_their_events_and_copies_are_in_order_of_them(folder):
    log, found = [("u", "i", "view", 0)] * 4, []
    for order in (["b", None, "a", "b"], ["a", "b", "b", None]):
        table = events_table(log).append_column("context_channel", pa.array(order))
        write_table(table, folder / "events.parquet")
        sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)
        check(folder / "sessions.parquet", SESSIONS)
        found.append(pq.read_table(folder / "sessions.parquet")["context_channel"].to_pylist())
    assert found == [["a", "b", "b", None]] * 2
