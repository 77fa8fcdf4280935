import numpy as np
import pandas as pd
import pytest

from willbuy.evaluation import stories
from willbuy.models.encoding import Encoding

MINUTE = 60_000_000
ENCODING = Encoding(("is_cart", "item_category", "hour", "seldom"), {"item_category": ("Books", "Toys <b>")})
DECISIONS = pd.DataFrame(
    {
        "user_id": ["a", "a", "b", "c", "d", "e", "f"],
        "item_id": ["i`1", "i2", "i3", "i4", "i5", "i6", "i7"],
        "item_category": ["Toys <b>", None, "Books", "Books", "Books", "Books", "Books"],
        "event_type": ["add_to_cart", "view", "view", "view", "view", "view", "view"],
        "timestamp": pd.to_datetime(["2024-03-01 12:34:56"] * 7, utc=True),
        "label": [1, 0, 0, 1, 0, 0, 1],
    }
)
PROBABILITIES = np.array([0.9, 0.85, 0.8, 0.01, 0.02, 0.05, 0.4])


def test_the_stories_are_right_wrong_missed_ordinary_and_on_the_edge():
    rows = stories.chosen(DECISIONS, PROBABILITIES, 0.3)
    assert list(rows.values()) == [0, 2, 3, 5, 6]  # 1 is surer than 2, but its user has been told of


def test_what_the_rows_do_not_hold_is_not_told():
    rows = stories.chosen(DECISIONS.assign(label=0), PROBABILITIES, 1.0)
    assert list(rows) == ["Most sure, and wrong", "An ordinary look"]


@pytest.fixture
def told():
    rows = {"Most sure, and right": 0, "An ordinary look": 5}
    shares = np.array([[np.log(4), np.log(1.5), -np.log(2), 0.01], [-0.5, 0.0, 0.0, 0.2]])
    values = np.array([[1, 1, 12.345, 7], [0, 0, 3, np.nan]], np.float32)
    leads = np.array([5 * MINUTE, -1, -1, 0, -1, -1, 0])
    return stories.told(rows, DECISIONS, PROBABILITIES, leads, shares, values, ENCODING).splitlines()


def test_a_story_says_who_did_what_when_and_how_it_ended(told):
    assert told[0].startswith(
        "- **Most sure, and right: 90.0%.** On 2024-03-01 at 12:34 UTC `a` put `i'1` (`Toys <b>`)"
    )
    assert told[0].endswith("*Bought 5 minutes later.*")
    assert "looked at `i6`" in told[1] and told[1].endswith("*Not bought within the horizon.*")


def test_the_reasons_are_those_with_most_weight_the_strongest_first(told):
    assert "For: `is_cart` 1 (odds × 4), `item_category` `Toys <b>` (odds × 1.5)." in told[0]
    assert "Against: `hour` 12.3 (odds × 0.5)." in told[0]
    assert "`seldom` unknown (odds × 1.2)" in told[1]
    assert "`seldom`" not in told[0]  # a hundredth of the log-odds is no reason


@pytest.mark.parametrize(
    ("lead", "words"),
    [(MINUTE, "60 seconds"), (2 * MINUTE, "2 minutes"), (150 * MINUTE, "2 hours"), (60 * 60 * MINUTE, "2 days")],
)
def test_the_time_to_the_purchase_is_told_in_the_unit_that_suits_it(lead, words):
    assert stories._outcome(1, lead) == f"*Bought {words} later.*"
