"""Logistic regression, stored as plain numbers: what XGBoost is compared with, and what serves where it is better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sklearn.linear_model import LogisticRegression as Solver

from willbuy.evaluation.metrics import log_loss
from willbuy.models.encoding import Encoding
from willbuy.models.linear import LARGEST_Z, Column, Linear, stored_columns

STRENGTHS = (0.001, 0.01, 0.1, 1.0)  # scikit-learn's C, the strongest penalty first: each starts from the one before
MOST_LEVELS = 100  # a real shop may have thousands of categories, and each is a column of the design


@dataclass(frozen=True)
class LogisticRegression:
    """An L2-penalized logistic regression on standardized columns.

    Quantities that are never negative enter as log(1 + x); each feature that is sometimes missing adds a 0/1 column
    that marks it; a category adds a 0/1 column for each of its MOST_LEVELS commonest levels, whose codes are in
    `columns`.
    """

    encoding: Encoding
    columns: tuple[Column | tuple[int, ...], ...]
    coefficients: tuple[float, ...]
    intercept: float
    strength: float = 1.0  # C: the inverse of the penalty

    @classmethod
    def fit(
        cls,
        encoding: Encoding,
        matrix: np.ndarray,
        labels: np.ndarray,
        held_out: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> LogisticRegression:
        """Fit to `matrix` of shape (rows, features) in `encoding`'s order and 0/1 `labels`.

        The penalty is the one of STRENGTHS with the least log-loss on `held_out` (matrix, labels); without these rows
        it is that of C = 1. Raises ValueError if the labels are all the same.
        """
        columns = tuple(
            _commonest(matrix[:, j]) if kind == "c" else _column(matrix[:, j].astype(np.float64))
            for j, kind in enumerate(encoding.types)
        )
        unfitted = cls(encoding, columns, (), 0.0)
        # With far more rows than columns a few exact Newton steps are cheapest.
        solver, design = Solver(solver="newton-cholesky", max_iter=100, warm_start=True), unfitted.design(matrix)
        if held_out is None:
            return unfitted._solved(solver.fit(design, labels))
        tried = [unfitted._solved(solver.set_params(C=c).fit(design, labels)) for c in STRENGTHS]
        return min(tried, key=lambda model: log_loss(held_out[1], model.predict_matrix(held_out[0])))

    @classmethod
    def from_dict(cls, stored: dict) -> LogisticRegression:
        """The model of which `stored` is the `dataclasses.asdict`, read from JSON."""
        return cls(
            Encoding.stored(**stored["encoding"]),
            stored_columns(stored["columns"]),
            tuple(stored["coefficients"]),
            stored["intercept"],
            stored["strength"],
        )

    def _solved(self, solver: Solver) -> LogisticRegression:
        coefficients, intercept = tuple(map(float, solver.coef_[0])), float(solver.intercept_[0])
        return replace(self, coefficients=coefficients, intercept=intercept, strength=float(solver.C))

    def predict_matrix(self, matrix: np.ndarray) -> np.ndarray:
        """The float64 probability of a purchase for each row of a matrix in `encoding`'s order."""
        return 1 / (1 + np.exp(-self.linear.margins(matrix).astype(np.float64)))

    @cached_property
    def linear(self) -> Linear:
        """What predicts: the same code as in the server."""
        return Linear(self.columns, self.coefficients, self.intercept)

    def design(self, matrix: np.ndarray) -> np.ndarray:
        """The standardized float64 columns that the coefficients multiply."""
        blocks = []
        for j, column in enumerate(self.columns):
            values = matrix[:, j].astype(np.float64)
            if isinstance(column, Column):
                blocks += _scaled(values, column)
            else:
                blocks += [(values == code).astype(np.float64) for code in column]
        return np.column_stack(blocks)


def _column(values: np.ndarray) -> Column:
    known = values[~np.isnan(values)]
    log = bool(len(known)) and bool(known.min() >= 0)
    known = np.log1p(known) if log else known
    spread = float(known.std()) if len(known) else 0.0
    return Column(log, float(known.mean()) if len(known) else 0.0, spread or 1.0, len(known) < len(values))


def _scaled(values: np.ndarray, column: Column) -> list[np.ndarray]:
    absent = np.isnan(values)
    # A value below those of train may have no logarithm, and an extreme one would dominate the sum.
    raised = np.log1p(np.maximum(values, 0)) if column.log else values
    z = np.clip((raised - column.mean) / column.scale, -LARGEST_Z, LARGEST_Z)
    z[absent] = 0
    return [z, absent.astype(np.float64)] if column.missing else [z]


def _commonest(codes: np.ndarray) -> tuple[int, ...]:
    levels, counts = np.unique(codes[~np.isnan(codes)].astype(np.int64), return_counts=True)
    return tuple(sorted(levels[np.argsort(-counts, kind="stable")[:MOST_LEVELS]].tolist()))
