import numpy as np
import pandas as pd
import pytest
from logs import MINUTE, events_table

from willbuy.files import write_table
from willbuy.profile import sessions as profile
from willbuy.sessions import sessionize

ROWS = [
    ("a", "x", "view", 0),
    ("a", "y", "add_to_cart", 16 * MINUTE),
    ("a", "x", "purchase", 80 * MINUTE),
    ("b", "x", "view", 5 * MINUTE),
]


@pytest.fixture
def sessions(tmp_path):
    write_table(events_table(ROWS), tmp_path / "events.parquet")
    sessionize(tmp_path / "events.parquet", tmp_path / "sessions.parquet", 30)
    return tmp_path / "sessions.parquet"


def test_the_shape_of_sessions(sessions):
    found = profile.shape(sessions).sort_values("minutes")
    assert found.events.tolist() == [1, 1, 2]
    assert found["items"].tolist() == [1, 1, 2]
    assert found.minutes.tolist() == [0, 0, 16]
    assert (found.carted.sum(), found.bought.sum()) == (1, 1)
    assert (found.users == 1).all()


def test_gaps_are_counted_by_length(sessions):
    found = profile.gaps(sessions)
    assert found.minutes.tolist() == [16, 64]
    assert found.gaps.tolist() == [1, 1]


def test_visits_and_the_visitor_in_the_middle(sessions):
    assert sorted(profile.visits(sessions)) == [1, 2]
    assert set(profile.median_visitor(sessions).user_id) == {"a"}


def test_events_that_change_session_at_half_and_at_twice_the_gap(sessions):
    # At 15 minutes a's second event begins a session; at 60 minutes nothing changes: the third comes 64 minutes later.
    assert profile.moved(sessions, 30).tolist() == [0.25, 0]


def test_an_event_changes_session_if_another_run_of_the_sessionizer_says_so(tmp_path):
    minutes = np.random.default_rng(3).exponential(20, 400).cumsum().round().astype(int)
    rows = [("ab"[n % 7 == 0], "x", "view", int(m) * MINUTE) for n, m in enumerate(minutes)]
    write_table(events_table(rows), tmp_path / "events.parquet")
    starts = {}
    for gap in (10, 20, 40):
        sessionize(tmp_path / "events.parquet", tmp_path / f"{gap}.parquet", gap)
        starts[gap] = pd.read_parquet(tmp_path / f"{gap}.parquet").session_start
    expected = [(starts[gap] != starts[20]).mean() for gap in (10, 40)]
    assert min(expected) > 0
    assert profile.moved(tmp_path / "20.parquet", 20).tolist() == pytest.approx(expected, abs=1e-12)


def test_the_longest_gap_inside_a_session(sessions):
    assert profile.longest_gap_us(sessions) == 16 * MINUTE
