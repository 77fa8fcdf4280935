import numpy as np

from willbuy.models.predictors import DUMMY, LOGISTIC, RULE


def test_the_baselines_predict_by_name_the_simplest_first(model, test_rows, encoding):
    found = model.baselines.predict(test_rows, encoding.matrix(test_rows))
    assert list(found) == [DUMMY, RULE, LOGISTIC]
    assert np.array_equal(found[RULE], model.baselines.rule.predict(test_rows))
    assert [len(np.unique(p)) for p in found.values()][:2] == [1, 2]


def test_a_table_and_its_matrix_give_the_same_probabilities(model, test_rows, encoding):
    assert np.array_equal(model.predict(test_rows), model.predict_matrix(encoding.matrix(test_rows)))
