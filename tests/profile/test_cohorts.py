import numpy as np
import pytest
from logs import DAY, events_table

from willbuy.files import write_table
from willbuy.profile import cohorts

# Four weeks and a day. a and b begin in the first, c in the second, d in the third; d's next week is never whole.
SEEN = {"a": [0, 1, 7, 21], "b": [6, 20], "c": [8, 15], "d": [14, 28]}


def log(tmp_path, seen):
    rows = [(user, "x", "view", day * DAY) for user, days in seen.items() for day in days]
    write_table(events_table(rows), tmp_path / "sessions.parquet")
    return cohorts.cohorts(tmp_path / "sessions.parquet")


@pytest.fixture
def found(tmp_path):
    return log(tmp_path, SEEN)


def test_a_visitor_counts_once_a_week_since_their_first(found):
    rows = [(f"{row.cohort:%m-%d}", row.weeks, row.visitors) for row in found.itertuples()]
    assert rows == [("01-01", 0, 2), ("01-01", 1, 1), ("01-01", 2, 1), ("01-01", 3, 1), ("01-08", 0, 1),
                    ("01-08", 1, 1), ("01-15", 0, 1)]  # fmt: skip


def test_shares_are_unknown_where_the_log_has_ended_and_0_where_nobody_came(found):
    shares = cohorts.returning(found)
    expected = [[1, 0.5, 0.5, 0.5], [1, 1, 0, np.nan], [1, 0, np.nan, np.nan]]
    assert np.array_equal(shares, expected, equal_nan=True)


def test_the_figure_writes_every_known_share(found):
    axes = cohorts.figure(cohorts.returning(found)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["50%", "50%", "50%", "100%", "0%", "0%"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2024-01-01", "2024-01-08", "2024-01-15"]


def test_a_log_of_one_week_has_a_figure_and_a_verdict_too(tmp_path):
    found = log(tmp_path, {"a": [0, 3], "b": [2]})
    assert "no second week" in cohorts.figure(cohorts.returning(found)).axes[0].texts[0].get_text()
    assert "no second week" in cohorts.verdict(found)


def test_the_verdict_weighs_cohorts_by_their_visitors(found):
    # Of four visitors in three cohorts a and c are seen in the week after their first.
    assert "**50%** are seen in the next week" in cohorts.verdict(found)
