"""Metrics of predicted probabilities, any of them under any weights: sort once, then everything is a running sum."""

from __future__ import annotations

import numpy as np
import pandas as pd

TOP_SHARES = (0.01, 0.05, 0.10)
CALIBRATION_BINS = 15
METRICS = (
    "pr_auc",
    "roc_auc",
    "log_loss",
    "brier",
    "calibration_error",
    *(f"{what}_at_{share:.0%}" for what in ("precision", "recall", "lift") for share in TOP_SHARES),
)
# The same floor and ceiling as sklearn.metrics.log_loss: a certain, wrong prediction costs 36, not infinity.
SMALLEST = float(np.finfo(np.float64).eps)


def losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's log-loss in nats: minus the log of the probability given to what happened."""
    p = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    return -np.log(np.where(np.asarray(labels) == 1, p, 1 - p))


def log_loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The mean log-loss in nats."""
    return float(np.mean(losses(labels, probabilities)))


class Ranking:
    """Rows sorted by falling probability, ready to be measured under many weightings.

    Rows of equal probability are one step of every curve, as in scikit-learn. In the top k% a tied group that does
    not fit whole counts by the share that does: the value expected when ties are broken at random. The expected
    calibration error (Naeini et al. 2015) has 15 bins of equal numbers of rows, ties together, and weighs each bin's
    |observed − predicted| by its rows; the bins are those of the whole sample whatever the weights. (Bins of equal
    width, the other habit, would put nearly every row of a rare event into one.)
    """

    def __init__(self, labels: np.ndarray, probabilities: np.ndarray):
        """`labels` are 0 or 1; `probabilities` have the same length."""
        probabilities = np.asarray(probabilities, dtype=np.float64)
        self.order = np.argsort(-probabilities, kind="stable")
        self._p = probabilities[self.order]
        self._y = np.asarray(labels, dtype=np.float64)[self.order]
        self._loss = losses(self._y, self._p)
        # The last row of each group of ties, and of each calibration bin.
        self._ends = np.append(np.flatnonzero(np.diff(self._p)), len(self._p) - 1)
        self._bin_ends = _bin_ends(self._ends, CALIBRATION_BINS)

    def measure(self, weights: np.ndarray | None = None) -> dict[str, float]:
        """Every metric of METRICS, rows weighted by `weights` (given in the order of `labels`; all 1 by default).

        All are NaN if the weighted rows hold only one class.
        """
        w = np.ones(len(self._y)) if weights is None else np.asarray(weights, dtype=np.float64)[self.order]
        weighted_rows, weighted_positives = np.cumsum(w), np.cumsum(w * self._y)
        total, positives = weighted_rows[-1], weighted_positives[-1]
        if not 0 < positives < total:
            return dict.fromkeys(METRICS, np.nan)
        n, hits = weighted_rows[self._ends], weighted_positives[self._ends]
        return {
            "pr_auc": _average_precision(n, hits),
            "roc_auc": _roc_auc(n, hits),
            "log_loss": float(w @ self._loss / total),
            "brier": float(w @ (self._p - self._y) ** 2 / total),
            "calibration_error": self._calibration_error(w, weighted_positives),
            **_top(n, hits),
        }

    def curve(self, points: int = 2000) -> pd.DataFrame:
        """Columns share (of rows acted on), recall and precision, from the highest probability down.

        At most `points` rows, closer together near the top; always the last.
        """
        ends = self._ends
        if len(ends) > points:
            ends = ends[np.unique(np.geomspace(1, len(ends), points).astype(np.int64) - 1)]
        hits, n = np.cumsum(self._y)[ends], ends + 1
        return pd.DataFrame({"share": n / len(self._y), "recall": hits / hits[-1], "precision": hits / n})

    def bins(self) -> np.ndarray:
        """The calibration bin of each row, in the order of `labels`; bin 0 holds the highest probabilities."""
        bin_of = np.empty(len(self.order), dtype=np.int64)
        bin_of[self.order] = np.searchsorted(self._bin_ends, np.arange(len(self.order)))
        return bin_of

    def _calibration_error(self, w: np.ndarray, weighted_positives: np.ndarray) -> float:
        expected = np.diff(np.cumsum(w * self._p)[self._bin_ends], prepend=0)
        observed = np.diff(weighted_positives[self._bin_ends], prepend=0)
        return float(np.abs(observed - expected).sum() / w.sum())


def _bin_ends(tie_ends: np.ndarray, bins: int) -> np.ndarray:
    """The tie ends nearest above each of `bins` equal shares of the rows."""
    rows = tie_ends[-1] + 1
    return tie_ends[np.unique(np.searchsorted(tie_ends, np.arange(1, bins + 1) * rows / bins - 1))]


def _average_precision(n: np.ndarray, hits: np.ndarray) -> float:
    """The area under the precision-recall steps: each gain in recall times the precision there."""
    precision = np.divide(hits, n, out=np.zeros_like(hits), where=n > 0)
    return float(np.sum(np.diff(hits, prepend=0) * precision) / hits[-1])


def _roc_auc(n: np.ndarray, hits: np.ndarray) -> float:
    false = n - hits
    return float(np.trapezoid(np.append(0, hits), np.append(0, false)) / (hits[-1] * false[-1]))


def _top(n: np.ndarray, hits: np.ndarray) -> dict[str, float]:
    """Precision, recall and lift (precision over the base rate) in the highest 1%, 5% and 10% of the rows."""
    sizes = np.array(TOP_SHARES) * n[-1]
    found = np.interp(sizes, np.append(0, n), np.append(0, hits))
    precision, recall = found / sizes, found / hits[-1]
    values = {"precision": precision, "recall": recall, "lift": precision / (hits[-1] / n[-1])}
    return {
        f"{what}_at_{share:.0%}": float(v) for what in values for share, v in zip(TOP_SHARES, values[what], strict=True)
    }
