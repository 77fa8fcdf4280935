import json

import numpy as np

from willbuy.models import golden


def test_rows_are_evenly_spaced_from_the_least_to_the_most_probable(encoding, model, test_rows):
    matrix = encoding.matrix(test_rows)
    probabilities = model.predict_matrix(matrix)
    rows = golden.rows(encoding, matrix, probabilities, count=5)
    found = [row["probability"] for row in rows]
    assert len(rows) == 5
    assert (found[0], found[-1]) == (probabilities.min(), probabilities.max())
    assert found[2] == np.sort(probabilities)[(len(probabilities) - 1) // 2]


def test_through_json_and_back_a_row_is_the_same_float32(encoding, model, test_rows):
    matrix = encoding.matrix(test_rows)
    rows = json.loads(json.dumps(golden.rows(encoding, matrix, model.predict_matrix(matrix))))
    assert np.array_equal(model.predict(golden.table(rows)), [row["probability"] for row in rows])


def test_fewer_rows_than_asked_for_are_all_taken_once(encoding, model, test_rows):
    matrix = encoding.matrix(test_rows)[:3]
    assert len(golden.rows(encoding, matrix, model.predict_matrix(matrix), count=32)) == 3
