import pandas as pd
import pytest
from logs import MINUTE, events_table

from willbuy.files import write_table
from willbuy.profile import funnel
from willbuy.sessions import sessionize

# a: three sessions, a cart in the second, a purchase in the third; b looks twice; c buys without a cart.
ROWS = [
    ("a", "x", "view", 0),
    ("a", "x", "view", 60 * MINUTE),
    ("a", "x", "add_to_cart", 61 * MINUTE),
    ("a", "x", "purchase", 120 * MINUTE),
    ("b", "x", "view", 0),
    ("b", "y", "view", MINUTE),
    ("c", "x", "purchase", 0),
]


@pytest.fixture
def steps(tmp_path):
    write_table(events_table(ROWS), tmp_path / "events.parquet")
    sessionize(tmp_path / "events.parquet", tmp_path / "sessions.parquet", 30)
    return funnel.funnel(tmp_path / "sessions.parquet")


def test_a_step_counts_whoever_took_it(steps):
    assert steps.sessions.tolist() == [3, 1, 2]
    assert steps.visitors.tolist() == [2, 1, 2]
    assert steps.share_of_sessions.tolist() == pytest.approx([3 / 5, 1 / 5, 2 / 5])
    assert steps.share_of_visitors.tolist() == pytest.approx([2 / 3, 1 / 3, 2 / 3])


def test_a_step_that_a_log_never_has_counts_nobody(tmp_path):
    write_table(events_table(ROWS[:2]), tmp_path / "events.parquet")
    sessionize(tmp_path / "events.parquet", tmp_path / "sessions.parquet", 30)
    found = funnel.funnel(tmp_path / "sessions.parquet")
    assert found.visitors.tolist() == [1, 0, 0] and found.share_of_sessions.tolist() == [1, 0, 0]


def test_the_figure_writes_each_share_beside_its_bar(steps):
    axes = funnel.figure(steps).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(
        [*steps.share_of_visitors, *steps.share_of_sessions]
    )
    assert {"66.7%", "60.0%"} <= {text.get_text() for text in axes.texts}


def test_the_verdict_reads_the_shares():
    shares = pd.DataFrame({"share_of_visitors": [1, 0.5, 0.25], "share_of_sessions": [1, 0.2, 0.1]})
    said = funnel.verdict(shares)
    assert "**50.0%** of the visitors" in said and "**25.0%** buy" in said
    assert "20.0% fill a cart and 10.0% hold a purchase" in said
