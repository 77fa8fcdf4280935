"""Whether a matrix has a value where it should, and any at all, as fast as a request of one row needs it."""

import numpy as np

from willbuy.compiled import entry


@entry
def is_complete(matrix, columns):
    """Whether no row of `matrix`, float32 (rows, columns), is NaN in one of `columns`, given by their places."""
    for row in matrix:
        for column in columns:
            if np.isnan(row[column]):
                return False
    return True


@entry
def is_empty(matrix):
    """Of each row of `matrix`, float32 (rows, columns), whether it is NaN everywhere."""
    empty = np.ones(len(matrix), np.bool_)
    for n in range(len(matrix)):
        for value in matrix[n]:
            if not np.isnan(value):
                empty[n] = False
                break
    return empty
