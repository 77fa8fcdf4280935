import numpy as np
import pytest
from scipy.special import expit

from willbuy.models import calibration, crossfit


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    margins = random.normal(-2, 1.5, 8000)
    return margins, (random.random(8000) < expit(margins)).astype(int), np.arange(8000) % 2 == 0


def test_margins_that_are_wrong_are_calibrated(rows):
    margins, labels, halves = rows
    curve = crossfit.fit(2 * margins + 1, labels, halves)
    assert curve == calibration.fit(2 * margins + 1, labels)
    assert curve(np.array([1.0])) == pytest.approx(expit(0.0), abs=0.05)


def test_margins_that_are_right_stay_as_they_are(rows):
    curve = crossfit.fit(*rows)
    assert curve == calibration.identity()
    np.testing.assert_allclose(curve(rows[0]), expit(rows[0]), rtol=2e-3)


def test_without_a_positive_in_a_half_there_is_nothing_to_judge_by(rows):
    margins, labels, halves = rows
    assert crossfit.fit(margins * 3, labels * halves, halves) == calibration.identity()
