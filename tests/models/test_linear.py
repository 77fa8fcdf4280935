import json
from dataclasses import asdict

import numpy as np
import pytest

from willbuy.models import linear


@pytest.fixture(scope="module")
def logistic(model):
    return model.baselines.logistic


@pytest.fixture(scope="module")
def matrix(encoding, test_rows):
    return encoding.matrix(test_rows)


def stored(logistic, **changes) -> bytes:
    return json.dumps({"logistic": asdict(logistic) | changes}).encode()


def test_the_margins_are_coefficients_times_the_design(logistic, matrix):
    expected = logistic.design(matrix) @ np.array(logistic.coefficients) + logistic.intercept
    assert logistic.linear.margins(matrix) == pytest.approx(expected, abs=1e-5)


def test_what_is_read_again_gives_the_same_bits_row_by_row(logistic, matrix):
    read = linear.read(stored(logistic), matrix.shape[1])
    together = logistic.linear.margins(matrix)
    assert together.dtype == np.float32
    assert np.array_equal(np.concatenate([read.margins(row[None]) for row in matrix[:500]]), together[:500])


def test_contributions_and_what_is_expected_add_up_to_the_margin(logistic, matrix):
    shares = logistic.linear.contributions(matrix)
    assert shares.sum(axis=1) + logistic.linear.expected == pytest.approx(logistic.linear.margins(matrix), abs=1e-5)


def test_a_mean_value_contributes_nothing_and_an_unknown_category_neither(logistic, encoding):
    means = [
        np.expm1(c.mean) if isinstance(c, linear.Column) and c.log else getattr(c, "mean", 1e9)
        for c in logistic.columns
    ]
    shares = logistic.linear.contributions(np.array([means], np.float32))
    assert shares == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"coefficients": [0.1]},
        {"coefficients": [0.1] * 99},
        {"coefficients": [float("nan")] * 7},
        {"columns": []},
        {"columns": None},
        {"columns": [[-1]]},
        {"columns": [[1.5]], "coefficients": [1]},
        {"columns": [[10**12]], "coefficients": [1]},
        {"intercept": "much"},
    ],
)
def test_what_is_no_logistic_regression_of_these_features_is_refused(logistic, changes):
    with pytest.raises(ValueError, match=r"\w"):
        linear.read(stored(logistic, **changes), len(logistic.columns))
    with pytest.raises(ValueError, match=r"\w"):
        linear.read(b"{}", 5)
