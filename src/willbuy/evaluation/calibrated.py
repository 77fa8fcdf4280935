"""Whether 3% means 3%: slope, intercept and the ratio of what came to what was predicted, with a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.metrics import SMALLEST

TOLERANCE = 0.25  # by how much ratio and slope may differ from 1, beyond what chance explains
ROUNDS = 30
SINGULAR = 1e12  # the condition from which equations have no answer worth having
MOST_NAMED = 5


@dataclass(frozen=True)
class Calibrated:
    """Weak calibration (Van Calster et al. 2016), each value with its interval over users.

    `ratio` is the number of positives divided by the number predicted. `intercept` is a in log-odds = a + predicted
    log-odds: above 0 the predictions are too low. `slope` is b in log-odds = c + b · predicted log-odds (Cox 1958):
    below 1 the predictions are too extreme. `slope` is NaN where all predictions are equal.
    """

    ratio: Estimate
    intercept: Estimate
    slope: Estimate

    @property
    def passed(self) -> bool:
        """Ratio and slope are within the tolerance, or chance may explain that they are not."""
        return not any(_beyond(found) for found in (self.ratio, self.slope))

    def __str__(self) -> str:
        return f"observed / predicted positives {self.ratio}, slope {self.slope}, tolerance {TOLERANCE:.0%}"


def calibrated(labels: np.ndarray, probabilities: np.ndarray, bootstrap: UserBootstrap) -> Calibrated:
    """Measure `probabilities` against the 0/1 `labels`; the rows are those of `bootstrap`.

    The resamples of slope and intercept are one Newton step away from the fit, by each user's score and information.
    """
    y, p = np.asarray(labels, dtype=np.float64), np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    one = np.zeros(len(y), dtype=np.int64)

    def drawn(values: np.ndarray) -> np.ndarray:
        return bootstrap.sums(values, one, 1)[:, 0]

    log_odds = logit(p)
    intercept = _fit(np.ones((len(y), 1)), y, log_odds, drawn)[0]
    steeper = _fit(np.column_stack([np.ones(len(y)), log_odds]), y, log_odds, drawn)[1]
    slope = Estimate(1 + steeper.value, 1 + steeper.low, 1 + steeper.high)
    with np.errstate(invalid="ignore"):
        return Calibrated(estimate(y.sum() / p.sum(), drawn(y) / drawn(p)), intercept, slope)


def _beyond(found: Estimate) -> bool:
    return bool(found.high < 1 - TOLERANCE or found.low > 1 + TOLERANCE)


def _fit(x: np.ndarray, y: np.ndarray, offset: np.ndarray, drawn: Callable) -> list[Estimate]:
    """The coefficients of a logistic regression of `y` on the columns of `x` beside `offset`, by Newton's method."""
    theta = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        theta = theta + _step(theta, x, y, offset, lambda values: values.sum(keepdims=True))[0]
    replicates = theta + _step(theta, x, y, offset, drawn)
    return [estimate(value, replicates[:, n]) for n, value in enumerate(theta)]


def _step(theta: np.ndarray, x: np.ndarray, y: np.ndarray, offset: np.ndarray, add: Callable) -> np.ndarray:
    """One Newton step for each of the sums that `add` forms of a value a row."""
    p = expit(x @ theta + offset)
    score = np.stack([add((y - p) * a) for a in x.T], axis=-1)
    information = np.stack([np.stack([add(p * (1 - p) * a * b) for a in x.T], axis=-1) for b in x.T], axis=-1)
    # A resample without positives, or labels that the predictions separate, have no finite answer.
    solvable = np.linalg.cond(np.nan_to_num(information)) < SINGULAR
    steps = np.full(score.shape, np.nan)
    steps[solvable] = np.linalg.solve(information[solvable], score[solvable][..., None])[..., 0]
    return np.clip(steps, -5, 5)


def verdict(found: Calibrated, bins: pd.DataFrame, slices: pd.DataFrame) -> str:
    """Whether the probabilities can be taken at their word, and where not, of the tables of `reliability`, `slices`."""
    said = "within" if found.passed else "**outside**"
    off = slices[slices.off]
    named = ", ".join(f"{row.slice} {row.value}" for row in off.head(MOST_NAMED).itertuples())
    more = f" and {len(off) - MOST_NAMED} more" if len(off) > MOST_NAMED else ""
    return (
        f"For each 100 purchases predicted **{100 * found.ratio.value:.0f}** came [{100 * found.ratio.low:.0f}, "
        f"{100 * found.ratio.high:.0f}]; the slope is **{found.slope}**: calibration is {said} the tolerance of "
        f"{TOLERANCE:.0%}. The intervals of {bins.off.sum()} of {len(bins)} bins and of {len(off)} of {len(slices)} "
        f"slices miss what was predicted; chance alone makes one in twenty miss. {_where(named + more)}"
    ).strip()


def _where(named: str) -> str:
    return f"Look at: {named}." if named else ""
