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


def test_the_longest_gap_inside_a_session(sessions):
    assert profile.longest_gap_us(sessions) == 16 * MINUTE
