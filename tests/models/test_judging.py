from datetime import timedelta

import numpy as np
import pytest

from willbuy.models import parts


def test_the_rows_are_those_of_the_users_that_judge(judging, judged_rows):
    expected = judged_rows[parts.of(judged_rows.user_id) == parts.JUDGING]
    assert judging.frame.equals(expected[["user_id", "timestamp", "label"]])
    assert judging.labels.tolist() == expected.label.tolist()


def test_a_model_sees_its_own_features_of_these_rows(judging, judged_rows, model):
    expected = model.predict(judged_rows.iloc[judging.rows])
    np.testing.assert_array_equal(model.predict_matrix(judging.matrix(model)), expected)


def test_rows_after_a_time(judging):
    middle = judging.frame.timestamp.iloc[len(judging.rows) // 2]
    late = judging.after(middle)
    assert (late.frame.timestamp >= middle).all()
    assert len(late.rows) == len(judging.rows) - len(judging.rows) // 2
    assert len(late.labels) == len(late.rows)


def test_both_labels_are_needed_to_judge(judging):
    assert judging.can_judge
    assert not judging.after(judging.frame.timestamp.max() + timedelta(days=1)).can_judge


def test_the_mean_has_the_interval_of_its_users(judging):
    found = judging.mean(judging.labels)
    drawn = [np.average(judging.labels, weights=w) for w in judging.bootstrap.weights()]
    assert found.value == judging.labels.mean()
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]))
