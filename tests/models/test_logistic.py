import json
from dataclasses import asdict

import numpy as np
import pytest
from feature_rows import features
from sklearn.linear_model import LogisticRegression as Reference

from willbuy.evaluation.metrics import Ranking, log_loss
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LARGEST_Z, MOST_LEVELS, STRENGTHS, LogisticRegression


@pytest.fixture(scope="module")
def logistic(model):
    return model.baselines.logistic


def test_it_finds_what_the_labels_depend_on(logistic, encoding, test_rows):
    predicted = logistic.predict_matrix(encoding.matrix(test_rows))
    assert Ranking(test_rows.label, predicted).measure()["roc_auc"] > 0.7
    assert predicted.mean() == pytest.approx(test_rows.label.mean(), rel=0.15)


def test_it_is_scikit_learn_s_optimum_on_its_own_design(logistic, encoding):
    known = features(6000, seed=1)
    matrix = encoding.matrix(known)
    design = logistic.design(matrix)
    reference = Reference(C=1.0, tol=1e-8, max_iter=1000).fit(design, known.label)
    expected = reference.predict_proba(design)[:, 1]
    assert logistic.predict_matrix(matrix) == pytest.approx(expected, abs=1e-3)


def test_the_penalty_is_the_one_that_does_best_on_rows_held_out(encoding, test_rows):
    known, held_out = features(300, seed=1), (encoding.matrix(test_rows), test_rows.label.to_numpy())
    fitted = LogisticRegression.fit(encoding, encoding.matrix(known), known.label, held_out)
    losses = {}
    design = fitted.design(encoding.matrix(known))
    for strength in STRENGTHS:
        reference = Reference(C=strength, tol=1e-8, max_iter=1000).fit(design, known.label)
        losses[strength] = log_loss(held_out[1], reference.predict_proba(fitted.design(held_out[0]))[:, 1])
    assert fitted.strength == min(losses, key=losses.get) < 1
    assert log_loss(held_out[1], fitted.predict_matrix(held_out[0])) == pytest.approx(min(losses.values()), rel=1e-4)


def test_it_survives_json_bit_for_bit(logistic, encoding, test_rows):
    matrix = encoding.matrix(test_rows)
    again = LogisticRegression.from_dict(json.loads(json.dumps(asdict(logistic))))
    assert again == logistic
    assert (again.predict_matrix(matrix) == logistic.predict_matrix(matrix)).all()


def test_missing_values_and_strange_ones_give_probabilities(logistic):
    strange = np.array([[np.nan] * 5, [1e30, -1e30, 0, 0, 0], [-5, np.nan, np.nan, 3e38, -3e38]], dtype=np.float32)
    assert np.isfinite(logistic.predict_matrix(strange)).all()
    assert np.abs(logistic.design(strange)).max() <= LARGEST_Z


def test_only_columns_with_gaps_get_a_mark_for_them(logistic, encoding):
    by_name = dict(zip(encoding.names, logistic.columns, strict=True))
    assert by_name["user_item_hours_since_last_view"].missing
    assert not by_name["view_count_7d"].missing
    assert by_name["item_category"] == tuple(range(len(encoding.levels["item_category"])))


def test_a_constant_column_does_no_harm():
    matrix = np.column_stack([np.zeros(200), np.arange(200)]).astype(np.float32)
    labels = (np.arange(200) > 100).astype(int)
    fitted = LogisticRegression.fit(Encoding(("constant", "rising"), {}), matrix, labels)
    assert np.isfinite(fitted.coefficients).all()
    assert fitted.predict_matrix(matrix)[-1] > 0.9


def test_of_very_many_levels_the_commonest_get_a_column():
    levels = tuple(f"c{code:04d}" for code in range(2000))
    codes = np.concatenate([np.arange(2000), np.repeat(np.arange(500, 500 + MOST_LEVELS), 9)]).astype(np.float32)
    fitted = LogisticRegression.fit(Encoding(("category",), {"category": levels}), codes[:, None], codes < 550)
    assert fitted.columns == (tuple(range(500, 500 + MOST_LEVELS)),)
    assert LogisticRegression.from_dict(json.loads(json.dumps(asdict(fitted)))) == fitted
