"""Observed against predicted rates, in the bins of the calibration error."""

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import UserBootstrap, estimate
from willbuy.evaluation.metrics import Ranking


def reliability(labels: np.ndarray, probabilities: np.ndarray, bootstrap: UserBootstrap) -> pd.DataFrame:
    """One row a bin: rows, predicted (mean), observed (rate) with the 95% interval low to high."""
    bin_of = Ranking(labels, probabilities).bins()
    bins = bin_of.max() + 1
    rows, hits = np.bincount(bin_of), np.bincount(bin_of, labels)
    drawn = bootstrap.rates(labels, bin_of, bins)
    observed = [vars(estimate(hits[b] / rows[b], drawn[:, b])) for b in range(bins)]
    table = pd.DataFrame(observed).rename(columns={"value": "observed"})
    return table.assign(rows=rows, predicted=np.bincount(bin_of, probabilities) / rows)
