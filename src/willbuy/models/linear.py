"""Logistic regression as flat arrays: the build and the server predict with this code. Needs no scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from willbuy.compiled import entry, part

LARGEST_Z = 10.0
NUMBER, LOGARITHM, CATEGORY = 0, 1, 2
MOST_CODES = 1_000_000


@dataclass(frozen=True)
class Column:
    """How one feature enters: on the log scale or not, standardized, with 0 (the mean) where it is missing."""

    log: bool
    mean: float
    scale: float
    missing: bool  # whether a column that marks missing values follows


@part
def _share(x, j, kinds, numbers, tables, starts):
    """What the value `x` of feature `j` adds to the log-odds."""
    if kinds[j] == CATEGORY:
        return tables[starts[j] + int(x)] if 0 <= x < starts[j + 1] - starts[j] else 0.0
    mean, scale, weight, absent = numbers[j, 0], numbers[j, 1], numbers[j, 2], numbers[j, 3]
    if x != x:
        return absent
    # A value below those of train may have no logarithm, and an extreme one would dominate the sum.
    raised = np.log1p(max(x, 0.0)) if kinds[j] == LOGARITHM else x
    return weight * min(max((raised - mean) / scale, -LARGEST_Z), LARGEST_Z)


@entry
def _shares(matrix, kinds, numbers, tables, starts, shares):
    for r in range(len(matrix)):
        for j in range(len(kinds)):
            shares[r, j] = _share(np.float64(matrix[r, j]), j, kinds, numbers, tables, starts)


@entry
def _margins(matrix, kinds, numbers, tables, starts, intercept):
    margins = np.empty(len(matrix), np.float32)
    for r in range(len(matrix)):
        total = intercept
        for j in range(len(kinds)):
            total += _share(np.float64(matrix[r, j]), j, kinds, numbers, tables, starts)
        margins[r] = total
    return margins


@dataclass(frozen=True)
class Linear:
    """What each column of the matrix adds to the log-odds of `intercept`.

    A category's column is the codes that have a coefficient. `coefficients` follow the columns: one a number, and one
    more where missing values are marked; one a code.
    """

    columns: tuple[Column | tuple[int, ...], ...]
    coefficients: tuple[float, ...]
    intercept: float

    @property
    def expected(self) -> float:
        """The log-odds of a row whose numbers are train's means and whose categories are unknown."""
        return self.intercept

    def margins(self, matrix: np.ndarray) -> np.ndarray:
        """Float32 log-odds of each row of a float32 `matrix` (NaN is missing), each summed on its own."""
        return _margins(matrix, *self._arrays, self.intercept)

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Each feature's float64 share of each row's log-odds: its coefficient times its distance from the mean.

        A row's shares and `expected` sum to its margin, up to float32 rounding.
        """
        shares = np.zeros(matrix.shape)
        _shares(matrix, *self._arrays, shares)
        return shares

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """By feature: its kind; mean, scale and both coefficients; all categories' coefficients by code, and where
        each feature's begin."""
        left = iter(self.coefficients)
        kinds, numbers, tables = [], [], []
        for column in self.columns:
            if isinstance(column, Column):
                kinds.append(LOGARITHM if column.log else NUMBER)
                numbers.append((column.mean, column.scale, next(left), next(left) if column.missing else 0.0))
                tables.append(np.zeros(0))
            else:
                kinds.append(CATEGORY)
                numbers.append((0.0, 1.0, 0.0, 0.0))
                tables.append(_table(column, left))
        if next(left, None) is not None:
            raise ValueError("more coefficients than columns")
        starts = np.cumsum([0, *map(len, tables)])
        return np.array(kinds, np.int64), np.array(numbers).reshape(-1, 4), np.concatenate([*tables, [0.0]]), starts


def read(content: bytes, columns: int) -> Linear:
    """The logistic regression of `content`, the bytes of baselines.json, for rows of `columns` values.

    Raises ValueError for anything else than what a build writes.
    """
    try:
        stored = json.loads(content)["logistic"]
        found = Linear(stored_columns(stored["columns"]), tuple(stored["coefficients"]), stored["intercept"])
        finite = all(np.isfinite(array).all() for array in (*found._arrays, found.intercept))
    except (KeyError, TypeError, IndexError, StopIteration, RecursionError) as error:
        raise ValueError(f"no logistic regression: {error!r}") from error
    if len(found.columns) != columns or not finite:
        raise ValueError("the logistic regression does not fit the features")
    return found


def stored_columns(columns: Sequence) -> tuple[Column | tuple[int, ...], ...]:
    """Columns as JSON has them."""
    return tuple(Column(**c) if isinstance(c, dict) else tuple(c) for c in columns)


def _table(codes: tuple[int, ...], left) -> np.ndarray:
    if not all(0 <= code < MOST_CODES for code in codes):
        raise ValueError("a category's code is out of range")
    table = np.zeros(max(codes, default=-1) + 1)
    for code in codes:
        table[code] = next(left)
    return table
