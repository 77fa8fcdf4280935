"""From a booster's margin (log-odds) to a calibrated probability. The ranking stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

IDENTITY, PLATT, ISOTONIC = "identity", "Platt", "isotonic"
FEWEST_FOR_PLATT = 20
POSITIVES_A_BIN = 25
FEWEST_BINS, MOST_BINS = 4, 30
# Where the curve is tabulated. A step of 0.1 in log-odds keeps a straight line within 0.13% of the sigmoid.
GRID = np.concatenate([[-60.0], np.arange(-160, 161) / 10, [60.0]])


@dataclass(frozen=True)
class Calibration:
    """A strictly rising curve given by its knots: `probabilities[i]` at `margins[i]`, straight between them.

    `method` says how it was found. No exponential is left to compute, so a process that has only the knots
    gets the same bits. The knots may be tuples, or arrays where calls are many.
    """

    method: str
    margins: Sequence[float] | np.ndarray
    probabilities: Sequence[float] | np.ndarray

    def __call__(self, margins: np.ndarray) -> np.ndarray:
        """Float64 probabilities for float32 `margins`, each computed on its own."""
        return np.interp(np.asarray(margins, dtype=np.float64), self.margins, self.probabilities)


def fit(margins: np.ndarray, labels: np.ndarray) -> Calibration:
    """The curve that makes `margins` agree with the 0/1 `labels` of rows that training did not see.

    Bins of equal numbers of positives, made monotone by isotonic regression, give points that are joined in
    log-odds space (after centered isotonic regression, Oron & Flournoy 2017, doi:10.1080/19466315.2017.1286256;
    here a bin's centre is the log-odds of its mean prediction, so that an already calibrated model is left as it
    is). Beyond the last points the model's own slope goes on. With fewer positives a line in log-odds (Platt 1999)
    is fitted; with fewer than 20 positives or negatives the margins are taken as they are.
    """
    margins, labels = np.asarray(margins, np.float64), np.asarray(labels, np.int64)
    positives = int(labels.sum())
    bins = min(MOST_BINS, positives // POSITIVES_A_BIN)
    if min(positives, len(labels) - positives) < FEWEST_FOR_PLATT:
        return identity()
    if bins >= FEWEST_BINS:
        x, y = _isotonic_points(margins, labels, bins)
        if len(x) > 1:
            return _tabulate(ISOTONIC, x, y)
    return _platt(margins, labels)


def identity() -> Calibration:
    """The curve that takes margins as they are: the sigmoid."""
    return _tabulate(IDENTITY, np.zeros(1), np.zeros(1))


def _platt(margins: np.ndarray, labels: np.ndarray) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    positives = labels.sum()
    # Platt's targets, slightly inside 0 and 1, keep the line finite where the margins separate the labels perfectly.
    high, low = (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2)
    target = np.where(labels == 1, high, low)
    line = LogisticRegression(C=np.inf).fit(
        np.tile(margins, 2)[:, None], np.repeat([1, 0], len(labels)), np.concatenate([target, 1 - target])
    )
    ends = np.array([margins.min(), margins.max()])
    y = line.intercept_[0] + line.coef_[0, 0] * ends
    if y[0] >= y[1]:  # the labels contradict the model; a falling line would reverse its ranking and hide that
        return identity()
    return _tabulate(PLATT, ends, y)


def _isotonic_points(margins: np.ndarray, labels: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (log-odds of mean prediction, log-odds of observed rate), both strictly rising."""
    from sklearn.isotonic import isotonic_regression

    bin_of = _equal_positive_bins(margins, labels, bins)
    rows = np.bincount(bin_of)
    observed = (np.bincount(bin_of, labels) + 0.5) / (rows + 1)
    pooled = isotonic_regression(observed, sample_weight=rows)
    block = np.concatenate([[0], np.cumsum(np.diff(pooled) > 0)])
    rows_of_block = np.bincount(block, rows)
    predicted = np.bincount(block[bin_of], expit(margins)) / rows_of_block
    return logit(predicted), logit(np.bincount(block, rows * pooled) / rows_of_block)


def _equal_positive_bins(margins: np.ndarray, labels: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each row: rising with the margin, about equally many positives in each, equal margins together."""
    _, inverse = np.unique(margins, return_inverse=True)
    positives_so_far = np.cumsum(np.bincount(inverse, labels))
    bin_of = np.minimum((positives_so_far - 1).clip(0) * bins // positives_so_far[-1], bins - 1).astype(np.int64)
    _, dense = np.unique(bin_of, return_inverse=True)
    return dense[inverse]


def _tabulate(method: str, x: np.ndarray, y: np.ndarray) -> Calibration:
    """The curve through the points (x, y) in log-odds, with slope 1 beyond the first and last, read off at GRID."""
    grid = np.union1d(GRID, x)
    log_odds = np.interp(grid, x, y) + np.minimum(grid - x[0], 0) + np.maximum(grid - x[-1], 0)
    return Calibration(method, tuple(map(float, grid)), tuple(map(float, expit(log_odds))))
