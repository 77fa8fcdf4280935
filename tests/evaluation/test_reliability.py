import numpy as np
import pytest

from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.metrics import CALIBRATION_BINS, Ranking
from willbuy.evaluation.reliability import reliability


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    probabilities = rng.random(3000) * 0.2
    labels = (rng.random(3000) < probabilities).astype(int)
    return labels, probabilities, UserBootstrap(rng.integers(0, 500, 3000), 200, seed=0)


def test_the_bins_add_up_to_the_calibration_error(sample):
    labels, probabilities, bootstrap = sample
    table = reliability(labels, probabilities, bootstrap)
    assert table.rows.tolist() == [200] * CALIBRATION_BINS
    error = np.average(np.abs(table.observed - table.predicted), weights=table.rows)
    assert error == pytest.approx(Ranking(labels, probabilities).measure()["calibration_error"])


def test_intervals_of_a_calibrated_prediction_hold_the_diagonal(sample):
    table = reliability(*sample)
    inside = (table.low <= table.predicted) & (table.predicted <= table.high)
    assert inside.sum() >= 11  # 15 bins at 95%: fewer than 11 once in ten thousand
    assert (table.low <= table.observed).all() and (table.observed <= table.high).all()


def test_intervals_of_an_overconfident_prediction_do_not(sample):
    labels, probabilities, bootstrap = sample
    table = reliability(labels, probabilities * 2, bootstrap)
    assert (table.high < table.predicted).sum() >= 8
    assert table.off[table.high < table.predicted].all()


def test_a_bin_without_a_purchase_does_not_miss_a_small_prediction():
    probabilities = np.linspace(1e-4, 1e-3, 3000)
    table = reliability(np.zeros(3000), probabilities, UserBootstrap(np.arange(3000), 50, seed=0))
    assert not table.off.any()
    assert (table.low == 0).all() and (table.high > 0).all()
