"""Metrics of predicted probabilities, under any weights: sort once, then one pass a weighting measures everything."""

import numpy as np
import pandas as pd

from willbuy.compiled import entry

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
# The limits of sklearn.metrics.log_loss: a certain, wrong prediction costs 36, not infinity.
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
    width, the usual alternative, would put nearly every row of a rare event into one.)
    """

    def __init__(self, labels: np.ndarray, probabilities: np.ndarray):
        """`labels` are 0 or 1; `probabilities` have the same length."""
        probabilities = np.asarray(probabilities, dtype=np.float64)
        self._order = np.argsort(-probabilities, kind="stable")
        self._p = probabilities[self._order]
        self._y = np.asarray(labels, dtype=np.float64)[self._order]
        self._loss = losses(self._y, self._p)
        # The last row of each group of ties, and of each calibration bin.
        self._ends = np.append(np.flatnonzero(np.diff(self._p)), len(self._p) - 1)
        self._bin_ends = _bin_ends(self._ends, CALIBRATION_BINS)

    def measure(self, weights: np.ndarray | None = None) -> dict[str, float]:
        """Every metric of METRICS, rows weighted by `weights` (given in the order of `labels`; all 1 by default).

        All are NaN if the weighted rows hold only one class.
        """
        w = np.ones(len(self._y)) if weights is None else np.asarray(weights, dtype=np.float64)[self._order]
        total, positives = w.sum(), (w * self._y).sum()
        if not 0 < positives < total:
            return dict.fromkeys(METRICS, np.nan)
        sizes = np.array(TOP_SHARES) * total
        areas = _areas(w, self._y, self._ends, sizes)
        means = _means(w, self._y, self._p, self._loss, self._bin_ends)
        precision = areas[2:] / sizes
        return dict(zip(METRICS, map(float, [
            areas[0] / positives,
            areas[1] / (positives * (total - positives)),
            *means / total,
            *precision,
            *areas[2:] / positives,
            *precision / (positives / total),
        ]), strict=True))  # fmt: skip

    def curve(self, points: int = 2000) -> pd.DataFrame:
        """Columns share (of rows acted on), recall and precision, from the highest probability down.

        The first row acts on nobody; after it at most `points` rows follow, closer together near the top.
        """
        ends = self._ends
        if len(ends) > points:
            ends = ends[np.unique(np.geomspace(1, len(ends), points).astype(np.int64) - 1)]
        hits, n = np.cumsum(self._y)[ends], ends + 1
        share, recall, precision = n / len(self._y), hits / hits[-1], hits / n
        return pd.DataFrame({"share": [0, *share], "recall": [0, *recall], "precision": [precision[0], *precision]})

    def bins(self) -> np.ndarray:
        """The calibration bin of each row, in the order of `labels`; bin 0 holds the highest probabilities."""
        bin_of = np.empty(len(self._order), dtype=np.int64)
        bin_of[self._order] = np.searchsorted(self._bin_ends, np.arange(len(self._order)))
        return bin_of


def _bin_ends(tie_ends: np.ndarray, bins: int) -> np.ndarray:
    """The last row of each bin: a group of ties goes where its middle lies among `bins` equal shares of the rows."""
    middles = (np.append(0, tie_ends[:-1] + 1) + tie_ends) / 2
    bin_of = (middles * bins // (tie_ends[-1] + 1)).astype(np.int64)
    return tie_ends[np.append(np.flatnonzero(np.diff(bin_of)), len(tie_ends) - 1)]


@entry
def _areas(w, y, ends, sizes):
    """The area under the precision-recall steps times the positives, that under the ROC curve times both classes,
    and the positives among the first `sizes[k]` of the weighted rows, for each k."""
    rows = hits = area = roc = 0.0
    found = np.zeros(len(sizes))
    start = 0
    for end in ends:
        before, hits_before = rows, hits
        for i in range(start, end + 1):
            rows += w[i]
            hits += w[i] * y[i]
        start = end + 1
        if rows > before:
            area += (hits - hits_before) * hits / rows
            roc += (rows - hits - before + hits_before) * (hits + hits_before) / 2
            for k in range(len(sizes)):
                if before < sizes[k]:
                    found[k] = hits_before + (hits - hits_before) * min(1.0, (sizes[k] - before) / (rows - before))
    return np.concatenate((np.array([area, roc]), found))


@entry
def _means(w, y, p, loss, bin_ends):
    """Weighted sums of the log-loss, of the squared error, and of each bin's |observed − expected| positives."""
    sums = np.zeros(3)
    start = 0
    for end in bin_ends:
        excess = 0.0
        for i in range(start, end + 1):
            sums[0] += w[i] * loss[i]
            sums[1] += w[i] * (p[i] - y[i]) ** 2
            excess += w[i] * (y[i] - p[i])
        sums[2] += abs(excess)
        start = end + 1
    return sums
