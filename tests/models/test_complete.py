import numpy as np
import pytest

from willbuy.models.complete import is_complete

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
