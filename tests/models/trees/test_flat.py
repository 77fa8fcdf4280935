"""Flat trees give XGBoost's own numbers, and no damaged array is ever walked."""

import dataclasses
import io

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.models.trees import flat as trees

COLUMNS, LEVELS = 7, 40
TYPES = ["q"] * (COLUMNS - 1) + ["c"]


def some_rows(random, count):
    """Float32 rows with missing values; the last column is a category."""
    matrix = random.normal(size=(count, COLUMNS)).astype(np.float32)
    matrix[:, -1] = random.integers(0, LEVELS, count)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    return matrix


def a_booster(random, rounds, depth, base_score=None):
    """A booster that has learned to use numbers, gaps and categories."""
    matrix = some_rows(random, 400)
    odd = np.nan_to_num(matrix[:, -1]) % 3 == 1
    labels = (np.nan_to_num(matrix[:, 0]) * np.nan_to_num(matrix[:, 1]) + odd > 0.5).astype(int)
    data = xgb.DMatrix(matrix, labels, feature_types=TYPES, enable_categorical=True)
    settings = {"objective": "binary:logistic", "max_depth": depth, "nthread": 1, "max_cat_to_onehot": 1}
    return xgb.train(settings | ({"base_score": base_score} if base_score else {}), data, rounds)


@pytest.fixture(scope="module")
def booster():
    return a_booster(np.random.default_rng(1), rounds=11, depth=5)


@pytest.fixture(scope="module")
def flat(booster):
    return trees.from_booster(booster)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 9), st.integers(1, 8), st.sampled_from([None, 0.013, 0.5, 0.9]))
def test_margins_are_xgboosts_bit_for_bit(seed, rounds, depth, base_score):
    random = np.random.default_rng(seed)
    booster = a_booster(random, rounds or 1, depth, base_score)
    rows = some_rows(random, 60)
    rows[:5, -1] = LEVELS + 100  # never seen
    expected = booster.inplace_predict(rows, predict_type="margin")
    assert np.array_equal(trees.from_booster(booster).margins(rows), expected)


def test_a_value_equal_to_the_threshold_goes_right_as_in_xgboost(booster, flat):
    thresholds = flat.value[flat.feature == 0]
    rows = np.full((len(thresholds), COLUMNS), np.nan, np.float32)
    rows[:, 0] = thresholds
    assert np.array_equal(flat.margins(rows), booster.inplace_predict(rows, predict_type="margin"))


def test_contributions_are_xgboosts_and_add_up_to_the_margin(booster, flat):
    rows = some_rows(np.random.default_rng(2), 50)
    data = xgb.DMatrix(rows, feature_types=TYPES, enable_categorical=True)
    expected = booster.predict(data, pred_contribs=True)
    found = flat.contributions(rows)
    assert np.abs(found - expected[:, :-1]).max() < 1e-5
    assert abs(flat.expected - expected[0, -1]) < 1e-5
    assert np.abs(found.sum(axis=1) + flat.expected - flat.margins(rows)).max() < 1e-5


def test_what_is_read_is_what_was_saved_in_the_same_bytes(flat, tmp_path):
    trees.save(flat, tmp_path / "a.npz")
    trees.save(flat, tmp_path / "b.npz")
    content = (tmp_path / "a.npz").read_bytes()
    assert content == (tmp_path / "b.npz").read_bytes()
    read = trees.read(content, COLUMNS)
    assert all(np.array_equal(getattr(read, name), getattr(flat, name)) for name in trees.ARRAYS)


def test_a_booster_of_another_kind_is_refused():
    data = xgb.DMatrix(np.zeros((4, 1)), np.arange(4))
    with pytest.raises(ValueError, match="binary:logistic"):
        trees.from_booster(xgb.train({"objective": "reg:squarederror"}, data, 1))


def _changed(flat, name, index, value):
    array = getattr(flat, name).copy()
    array[index] = value
    return dataclasses.replace(flat, **{name: array})


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [
        ("roots", 0, 1),
        ("roots", 1, 0),
        ("roots", -1, 2**31 - 1),
        ("feature", 0, COLUMNS),
        ("feature", 0, -2),
        ("left", 0, 0),
        ("left", 0, 2**31 - 1),
        ("left", 0, -5),
        ("left", 1, 1),
        ("missing_left", 0, 2),
        ("value", 0, np.nan),
        ("cover", 0, 0),
        ("cover", 0, np.inf),
        ("base", 0, np.nan),
        ("words", 0, 2**32 - 1),
    ],
)
def test_an_array_out_of_bounds_is_refused_by_name(flat, name, index, value):
    with pytest.raises(trees.DamagedTreesError, match=name):
        _changed(flat, name, index, value).check(COLUMNS)


@pytest.mark.parametrize("value", [-2, 10**6])
def test_a_category_set_out_of_bounds_is_refused(flat, value):
    node = np.flatnonzero(flat.segment >= 0)[0]
    with pytest.raises(trees.DamagedTreesError, match="segment"):
        _changed(flat, "segment", node, value).check(COLUMNS)


@pytest.mark.parametrize("name", trees.ARRAYS)
def test_an_array_of_another_type_or_shape_is_refused_by_name(flat, name):
    array = getattr(flat, name)
    for wrong in (array.astype(np.float64), array.reshape(-1, 1)):
        with pytest.raises(trees.DamagedTreesError, match=name):
            dataclasses.replace(flat, **{name: wrong}).check(COLUMNS)


def test_arrays_of_different_lengths_are_refused(flat):
    with pytest.raises(trees.DamagedTreesError, match="length"):
        dataclasses.replace(flat, value=flat.value[:-1]).check(COLUMNS)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_refused_or_give_trees_that_can_be_walked(flat, data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "whole.npz"
    trees.save(flat, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        damaged = trees.read(bytes(content), COLUMNS)
    except trees.DamagedTreesError:
        return
    assert damaged.margins(some_rows(np.random.default_rng(3), 20)).shape == (20,)


def test_a_compressed_file_is_refused(flat):
    file = io.BytesIO()
    np.savez_compressed(file, **{name: getattr(flat, name) for name in trees.ARRAYS})
    with pytest.raises(trees.DamagedTreesError, match="compressed"):
        trees.read(file.getvalue(), COLUMNS)


def test_a_pickle_in_the_file_is_never_unpickled(flat):
    file = io.BytesIO()
    np.savez(file, **{name: getattr(flat, name) for name in trees.ARRAYS if name != "base"}, base=np.array([{}]))
    with pytest.raises(trees.DamagedTreesError, match="allow_pickle"):
        trees.read(file.getvalue(), COLUMNS)
