import numpy as np
import pytest

from willbuy.models.choice import choose
from willbuy.models.predictors import LOGISTIC, XGBOOST


@pytest.fixture(scope="module")
def sharp(judging):
    """Probabilities that know the labels well, and a base rate that knows nothing."""
    base = np.full(len(judging.labels), judging.labels.mean())
    return np.where(judging.labels == 1, 0.5, 0.02), base


def test_logistic_regression_serves_where_it_is_better_beyond_chance(judging, sharp):
    good, base = sharp
    assert choose(judging, good, base).serves == LOGISTIC
    assert choose(judging, base, good).serves == XGBOOST


def test_the_trees_serve_where_chance_may_explain_it(judging, sharp):
    _, base = sharp
    few = base.copy()
    few[np.flatnonzero(judging.labels)[0]] *= 2
    found = choose(judging, few, base)
    assert found.serves == XGBOOST and "log-loss of logistic regression minus that of the trees is" in found.reason


def test_without_both_labels_the_trees_serve(judging):
    none = judging.after(judging.frame.timestamp[judging.frame.label == 1].max() + np.timedelta64(1, "s"))
    assert not none.can_judge
    assert choose(none, none.labels * 0.0, none.labels * 0.0).serves == XGBOOST
