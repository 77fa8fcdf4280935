from datetime import UTC, datetime

import numpy as np
import pytest

from willbuy.evaluation import checks
from willbuy.evaluation.calibrated import calibrated
from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.models.predictors import CEILING, DUMMY, RULE, XGBOOST


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    truth = rng.beta(1, 9, 2000)
    return (rng.random(2000) < truth).astype(int), truth, UserBootstrap(np.arange(2000), 50, seed=0)


def compared(sample, xgboost):
    labels, truth, bootstrap = sample
    dummy = np.full(2000, 0.1)
    return compare(labels, {DUMMY: dummy, RULE: dummy, XGBOOST: xgboost, CEILING: truth}, bootstrap)


def test_a_model_worse_than_the_base_rate_fails(sample):
    assert checks.no_worse_than_baseline(compared(sample, sample[1]), XGBOOST).passed
    found = checks.no_worse_than_baseline(compared(sample, 1 - sample[1]), XGBOOST)
    assert not found.passed
    assert "dummy" in found.detail


def test_a_feature_that_gives_the_label_away_is_named(sample):
    labels, truth, _ = sample
    leak = np.where(labels == 1, np.nan, 3)  # missing exactly where somebody buys
    found = checks.no_golden_feature(("honest", "leak"), np.column_stack([truth, leak]), labels)
    assert not found.passed
    assert "leak" in found.detail and "honest" not in found.detail
    assert checks.no_golden_feature(("honest",), truth[:, None], labels).passed


def test_a_feature_that_is_always_missing_gives_nothing_away(sample):
    assert checks.no_golden_feature(("empty",), np.full((2000, 1), np.nan), sample[0]).passed


def test_a_label_window_that_reaches_into_test_fails():
    first = datetime(2024, 3, 1, tzinfo=UTC)
    assert checks.train_ends_before(datetime(2024, 3, 1, tzinfo=UTC), first).passed
    assert not checks.train_ends_before(datetime(2024, 3, 2, tzinfo=UTC), first).passed


def test_a_model_that_beats_the_truth_fails(sample):
    labels, truth, _ = sample
    assert checks.nothing_beats_the_truth(compared(sample, truth)).passed
    assert not checks.nothing_beats_the_truth(compared(sample, 0.5 * truth + 0.5 * labels)).passed


@pytest.mark.parametrize(("factor", "passed"), [(1, True), (1.1, True), (2, False), (0.5, False)])
def test_probabilities_that_are_too_high_or_too_low_fail_and_do_not_stop_the_build(sample, factor, passed):
    labels, truth, bootstrap = sample
    found = checks.is_calibrated(calibrated(labels, truth * factor, bootstrap))
    assert found.passed == passed
    assert not found.stops
