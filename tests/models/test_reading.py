import numpy as np
import pytest
from feature_rows import features

from willbuy.models import reading
from willbuy.models.encoding import Encoding


def test_reading_gives_the_frame_and_its_matrix_row_by_row(train, encoding):
    frame, matrix = reading.read(train, encoding, ["user_id", "label", "is_cart"])
    written = features(6000, seed=1)
    assert frame.columns.tolist() == ["user_id", "label", "is_cart"]
    assert frame.user_id.tolist() == written.user_id.tolist()
    np.testing.assert_array_equal(matrix, encoding.matrix(written))


def test_a_sample_is_as_large_as_asked_and_fair(train, encoding):
    matrix, labels = reading.sample(train, encoding, 3000, seed=0)
    assert matrix.shape == (3000, len(encoding.names))
    # Half of 6,000 rows: the rate lies within four standard errors of the whole file's.
    rate = features(6000, seed=1).label.mean()
    assert labels.mean() == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / 6000))


def test_a_sample_larger_than_the_file_is_the_file(train, encoding):
    _, labels = reading.sample(train, encoding, 10**9, seed=0)
    assert labels.tolist() == features(6000, seed=1).label.tolist()


def test_the_seed_draws_the_sample(train, encoding):
    drawn = [reading.sample(train, encoding, 100, seed)[0] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2], equal_nan=True)


def test_a_feature_that_the_file_lacks_is_missing_in_every_row(train, encoding):
    other = Encoding((*encoding.names, "since_gone", "gone_category"), encoding.levels | {"gone_category": ("a", "b")})
    matrix = reading.matrix(train, other)
    np.testing.assert_array_equal(matrix[:, :-2], encoding.matrix(features(6000, seed=1)))
    assert np.isnan(matrix[:, -2:]).all()
    assert np.isnan(reading.matrix(train, Encoding(("since_gone",), {}))).all()


def test_some_rows_are_those_rows_of_the_whole_by_mask_and_by_position(train, encoding):
    whole, places = reading.matrix(train, encoding), np.arange(5, 6000, 7)
    mask = np.isin(np.arange(6000), places)
    np.testing.assert_array_equal(reading.matrix(train, encoding, places), whole[places])
    np.testing.assert_array_equal(reading.matrix(train, encoding, mask), whole[places])


def test_a_sample_for_a_model_of_features_since_gone_has_them_missing(train, encoding):
    older = Encoding((*encoding.names, "since_gone"), encoding.levels)
    matrix, labels = reading.sample(train, older, 100, seed=0)
    assert np.isnan(matrix[:, -1]).all() and len(labels) == 100
    np.testing.assert_array_equal(matrix[:, :-1], reading.sample(train, encoding, 100, seed=0)[0])
