import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from willbuy.evaluation import calibrated
from willbuy.evaluation.intervals import UserBootstrap

ROWS = 6000


@pytest.fixture(scope="module")
def bootstrap():
    return UserBootstrap(np.arange(ROWS) // 4, 300, seed=0)


@pytest.fixture(scope="module")
def truth():
    return expit(np.random.default_rng(1).normal(-3, 1.5, ROWS))


@pytest.fixture(scope="module")
def labels(truth):
    return (np.random.default_rng(2).random(ROWS) < truth).astype(int)


def test_the_truth_is_calibrated(labels, truth, bootstrap):
    found = calibrated.calibrated(labels, truth, bootstrap)
    assert found.passed
    assert not found.ratio.excludes(1) and not found.slope.excludes(1) and not found.intercept.excludes(0)


def test_slope_and_intercept_are_those_of_a_logistic_regression(labels, truth, bootstrap):
    shown = expit(0.4 + 1.7 * logit(truth))
    found = calibrated.calibrated(labels, shown, bootstrap)
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit(shown)[:, None], labels)
    assert found.slope.value == pytest.approx(fit.coef_[0, 0], rel=1e-5)
    assert found.ratio.value == pytest.approx(labels.sum() / shown.sum())
    shifted = expit(logit(shown) + found.intercept.value)
    assert shifted.sum() == pytest.approx(labels.sum()), "what the intercept means: the sum comes out right"


def test_the_one_step_interval_is_that_of_fits_on_resamples(labels, truth, bootstrap):
    found = calibrated.calibrated(labels, truth, bootstrap)
    x = logit(truth)[:, None]
    slopes = [LogisticRegression(C=np.inf).fit(x, labels, w).coef_[0, 0] for w in bootstrap.weights()]
    assert (found.slope.low, found.slope.high) == pytest.approx(np.quantile(slopes, [0.025, 0.975]), abs=0.01)


@pytest.mark.parametrize("shown", [lambda p: p / 2, lambda p: p * 2, lambda p: expit(2 * logit(p) + 2.4)])
def test_what_is_off_beyond_chance_fails(labels, truth, bootstrap, shown):
    assert not calibrated.calibrated(labels, np.minimum(shown(truth), 0.999), bootstrap).passed


def test_equal_predictions_have_no_slope_and_can_pass(labels, bootstrap):
    found = calibrated.calibrated(labels, np.full(ROWS, labels.mean()), bootstrap)
    assert np.isnan(found.slope.value)
    assert found.passed


def test_without_a_purchase_nothing_is_claimed(bootstrap):
    found = calibrated.calibrated(np.zeros(ROWS), np.full(ROWS, 1e-3), bootstrap)
    assert found.ratio.value == 0 and np.isnan(found.slope.value)


def test_the_verdict_names_what_is_off(labels, truth, bootstrap):
    bins = pd.DataFrame({"off": [True, False]})
    slices = pd.DataFrame(
        {"slice": ["week"] * 9, "value": [f"w{n}" for n in range(9)], "off": [True] * 7 + [False] * 2}
    )
    said = calibrated.verdict(calibrated.calibrated(labels, truth / 2, bootstrap), bins, slices)
    assert "**outside**" in said and "1 of 2 bins" in said and "7 of 9 slices" in said
    assert "week w4 and 2 more" in said and "w5" not in said
    good = calibrated.verdict(calibrated.calibrated(labels, truth, bootstrap), bins[1:], slices[7:])
    assert "within the tolerance" in good and "Look at" not in good
