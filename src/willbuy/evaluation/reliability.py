"""Observed against predicted rates, in the bins of the calibration error."""

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import UserBootstrap, rate
from willbuy.evaluation.metrics import Ranking


def reliability(labels: np.ndarray, probabilities: np.ndarray, bootstrap: UserBootstrap) -> pd.DataFrame:
    """One row a bin: rows, predicted (mean), observed (rate) with the 95% interval low to high.

    `off` is true where the interval does not hold what was predicted.
    """
    bin_of = Ranking(labels, probabilities).bins()
    bins = bin_of.max() + 1
    rows, hits = np.bincount(bin_of), np.bincount(bin_of, labels)
    drawn = bootstrap.rates(labels, bin_of, bins)
    observed = [rate(hits[b], rows[b], drawn[:, b]) for b in range(bins)]
    predicted = np.bincount(bin_of, probabilities) / rows
    table = pd.DataFrame(map(vars, observed)).rename(columns={"value": "observed"})
    return table.assign(
        rows=rows, predicted=predicted, off=[o.excludes(p) for o, p in zip(observed, predicted, strict=True)]
    )
