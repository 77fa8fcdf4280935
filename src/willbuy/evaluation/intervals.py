"""95% intervals from a bootstrap over users: all rows of a user are drawn together."""

from copy import copy
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from willbuy.numbers import bracketed, interval

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value and its 95% percentile interval (NaN where no resample gave a value)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return interval(self.value, self.low, self.high)

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        return bracketed(*(format(number, spec) for number in (self.value, self.low, self.high)))

    def excludes(self, value: float) -> bool:
        """True if the interval lies wholly on one side of `value`."""
        return bool(self.low > value or self.high < value)


def estimate(value: float, replicates: np.ndarray) -> Estimate:
    """The percentile interval of `replicates` around `value`; resamples without a value (NaN) are left out.

    A calibration error's interval may lie above its value: resampling adds noise to every bin.
    """
    known = replicates[~np.isnan(replicates)]
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(known, tails) if len(known) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))


def rate(hits: float, rows: int, replicates: np.ndarray) -> Estimate:
    """`hits` of `rows`, with the wider of two intervals on each side: that of `replicates`, and Wilson's.

    Where nobody or everybody is a hit, so is it in each resample, and their interval has no width. Wilson's (1927) has.
    """
    drawn, share, z = estimate(hits / rows, replicates), hits / rows, norm.ppf((1 + LEVEL) / 2)
    middle, width = share + z**2 / (2 * rows), z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    low, high = ((middle + side * width) / (1 + z**2 / rows) for side in (-1, 1))
    return Estimate(share, float(np.fmin(drawn.low, low)), float(np.fmax(drawn.high, high)))


class UserBootstrap:
    """`samples` resamples of the users with replacement, the same for everything that is measured with it."""

    def __init__(self, user_ids, samples: int, seed: int):
        """`user_ids`: the user of each row."""
        self.codes, users = pd.factorize(np.asarray(user_ids, dtype=object))
        self._users = pd.Index(users)
        chances = np.full(len(users), 1 / len(users))
        self.counts = np.random.default_rng(seed).multinomial(len(users), chances, size=samples)

    def of(self, rows: np.ndarray) -> "UserBootstrap":
        """The same resamples of the same users, for some of the rows only (a mask or positions)."""
        part = copy(self)
        part.codes = self.codes[rows]
        return part

    def totals(self, user_ids, values: np.ndarray | None = None) -> np.ndarray:
        """The sum of `values` (1 each by default), which belong to `user_ids`, in each resample."""
        codes = self._users.get_indexer(np.asarray(user_ids, dtype=object))
        return self.counts @ np.bincount(codes, values, len(self._users))

    def weights(self):
        """For each resample the weight of each row: how often its user was drawn."""
        for counts in self.counts:
            yield counts[self.codes]

    def sums(self, values: np.ndarray, groups: np.ndarray, n_groups: int) -> np.ndarray:
        """The sum of `values` within each group in each resample, shape (samples, n_groups)."""
        users = self.counts.shape[1]
        by_user = np.bincount(self.codes * n_groups + groups, values, users * n_groups).reshape(users, n_groups)
        return self.counts @ by_user

    def mean(self, values: np.ndarray) -> np.ndarray:
        """The mean of one value a row in each resample; NaN where no row was drawn."""
        return self.rates(values, np.zeros(len(values), dtype=np.int64), 1)[:, 0]

    def rates(self, hits: np.ndarray, groups: np.ndarray, n_groups: int) -> np.ndarray:
        """The mean of `hits`, such as 0 or 1, within each group in each resample; NaN where it has no rows."""
        rows, found = (self.sums(values, groups, n_groups) for values in (np.ones(len(groups)), hits))
        return np.divide(found, rows, out=np.full(found.shape, np.nan), where=rows > 0)
