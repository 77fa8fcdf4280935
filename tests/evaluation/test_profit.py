import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from willbuy.evaluation import profit

LABELS = np.array([1, 0, 1, 0, 0, 0])
PROBABILITIES = np.array([0.9, 0.6, 0.6, 0.3, 0.1, 0.1])


def test_the_curve_acts_on_whole_groups_of_ties():
    curve = profit.curve(LABELS, PROBABILITIES, sale_value=10, action_cost=2)
    assert curve.threshold.tolist() == [0.9, 0.6, 0.3, 0.1]
    assert curve.profit.tolist() == [8, 14, 12, 8]
    assert curve.share.tolist() == pytest.approx([1 / 6, 3 / 6, 4 / 6, 1])
    assert curve.profit_per_1000.iloc[0] == pytest.approx(8000 / 6)


def test_acting_on_nobody_is_best_where_nothing_pays():
    assert profit.best_threshold(LABELS, PROBABILITIES, sale_value=1, action_cost=2) == 1.0


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.int8, 20, elements=st.integers(0, 1)),
    hnp.arrays(np.float64, 20, elements=st.integers(0, 9).map(lambda n: n / 10)),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_no_other_threshold_earns_more(labels, probabilities, sale_value, action_cost):
    best = profit.best_threshold(labels, probabilities, sale_value, action_cost)
    earned = profit.at_threshold(labels, probabilities, best, sale_value, action_cost)
    others = [profit.at_threshold(labels, probabilities, t, sale_value, action_cost) for t in np.arange(0, 1.1, 0.1)]
    assert earned >= max([*others, 0])


def test_with_calibrated_probabilities_the_best_threshold_is_near_the_break_even():
    rng = np.random.default_rng(0)
    probabilities = rng.random(200_000)
    labels = rng.random(200_000) < probabilities
    assert profit.best_threshold(labels, probabilities, sale_value=10, action_cost=3) == pytest.approx(0.3, abs=0.03)
