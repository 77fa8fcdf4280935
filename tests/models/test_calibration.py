import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from willbuy.evaluation.metrics import Ranking, log_loss
from willbuy.models import calibration
from willbuy.models.calibration import IDENTITY, ISOTONIC, PLATT, Calibration


def sample(rows, seed, slope=1.0, shift=0.0):
    """Margins that are off by a factor and a shift, and labels of the true log-odds."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-4, 1.5, rows)
    labels = (rng.random(rows) < expit(log_odds)).astype(int)
    return ((log_odds - shift) / slope).astype(np.float32), labels


@pytest.mark.parametrize(("slope", "shift"), [(1, 0), (0.5, 0), (1, 2), (2, -1)])
def test_wrong_margins_become_right_probabilities(slope, shift):
    curve = calibration.fit(*sample(100_000, 0, slope, shift))
    margins, labels = sample(100_000, 1, slope, shift)
    assert curve.method == ISOTONIC
    assert Ranking(labels, curve(margins)).measure()["calibration_error"] < 0.003
    assert curve(margins).mean() == pytest.approx(labels.mean(), rel=0.05)


def test_right_margins_lose_next_to_nothing():
    curve = calibration.fit(*sample(50_000, 0))
    margins, labels = sample(100_000, 1)
    assert log_loss(labels, curve(margins)) < log_loss(labels, expit(margins)) * 1.003


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(20, 3000), st.floats(-2, 2), st.lists(st.floats(-30, 30, width=32), min_size=2))
def test_every_curve_rises_strictly(seed, rows, shift, margins):
    curve = calibration.fit(*sample(rows, seed, shift=shift))
    assert (np.diff(curve.margins) > 0).all() and (np.diff(curve.probabilities) > 0).all()
    found = curve(np.sort(np.array(margins, dtype=np.float32)))
    assert (np.diff(found) >= 0).all()
    assert ((found > 0) & (found < 1)).all()


def test_between_the_knots_it_is_straight_and_beyond_them_flat():
    curve = calibration.fit(*sample(20_000, 0, slope=0.7))
    knots = np.array(curve.margins)
    margins = np.concatenate(
        [[-np.inf, -100], knots, (knots[1:] + knots[:-1]) / 2, np.linspace(-70, 70, 999), [np.inf]]
    )
    np.testing.assert_array_equal(curve(margins), np.interp(margins, curve.margins, curve.probabilities))


def test_the_ranking_stays_as_it_was():
    margins, labels = sample(20_000, 0, slope=0.7)
    calibrated = calibration.fit(margins, labels)(margins)
    before, after = Ranking(labels, expit(margins.astype(float))).measure(), Ranking(labels, calibrated).measure()
    assert after["pr_auc"] == pytest.approx(before["pr_auc"], abs=1e-12)
    assert after["roc_auc"] == pytest.approx(before["roc_auc"], abs=1e-12)


def test_equal_numbers_of_positives_in_the_middle_of_nowhere():
    margins = np.repeat(np.float32([-3, 0]), 500)  # only two distinct margins: everything is ties
    labels = np.tile([1, 0, 0, 0, 0], 200)
    assert calibration.fit(margins, labels).method == PLATT  # isotonic pools them into a single block
    assert calibration.fit(margins, labels)(np.float32([-3, 0])) == pytest.approx([0.2, 0.2], abs=0.01)


def test_margins_that_part_the_labels_perfectly_stay_finite():
    margins = np.linspace(-6, 0, 5000, dtype=np.float32)
    curve = calibration.fit(margins, (np.arange(5000) >= 4970).astype(int))
    assert curve.method == PLATT
    assert (np.diff(curve.probabilities) > 0).all()


STIFFNESS = [(0, IDENTITY), (19, IDENTITY), (20, PLATT), (99, PLATT), (100, ISOTONIC)]


@pytest.mark.parametrize(("positives", "method"), STIFFNESS)
def test_few_positives_get_a_stiffer_curve(positives, method):
    margins = np.linspace(-6, 0, 5000, dtype=np.float32)
    labels = np.zeros(5000, dtype=int)
    labels[5000 - 3 * positives :: 3] = 1
    assert labels.sum() == positives
    assert calibration.fit(margins, labels).method == method


def test_identity_is_the_expit():
    curve = calibration.fit(np.float32([0, 1]), np.array([0, 1]))
    margins = np.linspace(-12, 12, 1000)
    assert curve(margins) == pytest.approx(expit(margins), rel=2e-3)


def test_labels_that_run_against_the_margins_do_not_turn_the_ranking_round():
    margins = np.linspace(-6, 0, 1000, dtype=np.float32)
    curve = calibration.fit(margins, (np.arange(1000) < 50).astype(int))
    assert curve.method == IDENTITY


def test_rows_are_calibrated_one_by_one_and_survive_json(model):
    again = Calibration(**json.loads(json.dumps(asdict(model.calibration))))
    margins = np.random.default_rng(0).normal(-3, 3, 500).astype(np.float32)
    together = model.calibration(margins)
    assert [again(m[None])[0] for m in margins] == together.tolist()
