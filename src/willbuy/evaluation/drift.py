"""What changed between train and test: each feature's distribution, and the base rate."""

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import Estimate
from willbuy.models.encoding import Encoding
from willbuy.numbers import number

TENTHS = np.linspace(0.1, 0.9, 9)
SOME, MUCH = 0.1, 0.25  # the usual marks of the population stability index
UNKNOWN = ["unknown_train", "unknown_test"]
SHOWN = 8  # features, of those that changed most
ROWS = 20_000  # of each, drawn at random: enough for tenths


def measure(train: np.ndarray, test: np.ndarray, encoding: Encoding) -> pd.DataFrame:
    """One row a feature of two matrices of `encoding`, the ones that changed most first.

    Columns: feature; psi, the population stability index over train's tenths (a category's levels) and a bin for what
    is unknown: the sum of (test - train) log(test / train) over the shares of the bins; the mean of the known values of
    each (NaN for a category); and the share of unknown ones of each.
    """
    rows = [_row(name, train[:, j], test[:, j], name in encoding.levels) for j, name in enumerate(encoding.names)]
    return pd.DataFrame(rows).sort_values("psi", ascending=False, kind="stable", ignore_index=True)


def _row(name: str, train: np.ndarray, test: np.ndarray, category: bool) -> dict[str, str | float]:
    return {
        "feature": name,
        "psi": stability(train, test, category),
        "mean_train": np.nan if category else _mean(train),
        "mean_test": np.nan if category else _mean(test),
        "unknown_train": float(np.isnan(train).mean()),
        "unknown_test": float(np.isnan(test).mean()),
    }


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else np.nan


def stability(train: np.ndarray, test: np.ndarray, category: bool = False) -> float:
    """The population stability index of one feature; half a row more in each bin, so that none is empty."""
    known = train[~np.isnan(train)]
    edges = np.unique(known if category else np.quantile(known, TENTHS)) if len(known) else np.empty(0)
    shares = []
    for values in (train, test):
        bins = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
        counts = np.bincount(bins, minlength=len(edges) + 2) + 0.5
        shares.append(counts / counts.sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def changed(found: pd.DataFrame, importance: pd.DataFrame) -> pd.DataFrame:
    """The SHOWN features that changed most, with their mean |contribution| to the log-odds (`boosted.importance`)."""
    weight = importance.set_index("feature").contribution
    return found.head(SHOWN).assign(contribution=found.feature.map(weight)).set_index("feature")


def verdict(found: pd.DataFrame, train_rate: float, test_rate: Estimate) -> str:
    """How many features changed much and some, and whether the base rate did beyond chance."""
    much, some = found[found.psi >= MUCH], found[(found.psi >= SOME) & (found.psi < MUCH)]
    named = ", ".join(f"`{name}` ({number(psi, 2)})" for name, psi in zip(much.feature[:3], much.psi, strict=False))
    chance = "more than chance explains" if test_rate.excludes(train_rate) else "as chance may have it"
    return (
        f"Of {len(found)} features **{len(much)}** changed much"
        + (f", most of all {named}" if named else "")
        + f", and {len(some)} somewhat. The base rate was {train_rate:.2%} in train and is **{test_rate:.2%}** in "
        f"test, {chance}."
    )
