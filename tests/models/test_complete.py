import numpy as np
import pytest

from willbuy.models.complete import is_complete, is_empty

NAN = np.nan


@pytest.mark.parametrize(
    ("rows", "columns", "complete"),
    [
        ([[1, 2]], [0, 1], True),
        ([[NAN, 2]], [1], True),
        ([[NAN, 2]], [0], False),
        ([[1, 2], [1, NAN]], [0, 1], False),
        ([[NAN, NAN]], [], True),
        ([[-np.inf, np.inf]], [0, 1], True),
    ],
)
def test_only_nan_in_the_named_columns_counts(rows, columns, complete):
    assert is_complete(np.array(rows, np.float32), np.array(columns, np.intp)) == complete


def test_a_row_with_any_value_is_not_empty():
    rows = np.array([[NAN, NAN], [NAN, 0], [-np.inf, NAN], [1, 2]], np.float32)
    assert is_empty(rows).tolist() == [True, False, False, False]
    assert is_empty(np.empty((0, 2), np.float32)).tolist() == []
