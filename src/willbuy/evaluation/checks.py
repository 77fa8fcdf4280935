"""Named checks that a sound evaluation passes."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from willbuy.evaluation.calibrated import Calibrated
from willbuy.evaluation.comparison import Comparison
from willbuy.evaluation.metrics import Ranking
from willbuy.models.predictors import DUMMY, RULE

# The best single feature of a real shop is far below this.
GOLDEN = 0.99


@dataclass(frozen=True)
class Check:
    """Whether the check `passed`, and in `detail` what was found.

    A check that `stops` a build means broken data or code. One that does not is for the shop to judge: after a change
    of season the probabilities may be off, and the report that says so is wanted.
    """

    name: str
    passed: bool
    detail: str
    stops: bool = True


def no_worse_than_baseline(comparison: Comparison, served: str) -> Check:
    """The log-loss of `served` is not above the dummy's or the rule's beyond chance."""
    worse = [b for b in (DUMMY, RULE) if comparison.difference(served, b, "log_loss").low > 0]
    return Check("no worse than a baseline", not worse, f"{served} is worse than {worse or 'none'}")


def no_golden_feature(names: tuple[str, ...], matrix: np.ndarray, labels: np.ndarray) -> Check:
    """No single feature separates the labels (ROC-AUC over 0.99 either way): it would know the future."""
    golden = [n for n, column in zip(names, matrix.T, strict=True) if _separation(labels, column) > GOLDEN]
    return Check("no golden feature", not golden, f"ROC-AUC over {GOLDEN}: {golden or 'none'}")


def train_ends_before(trained_through: datetime, first: datetime) -> Check:
    """The last label window of train closes before the first row that is judged."""
    detail = f"train knows events up to {trained_through:%Y-%m-%d %H:%M}, the rows begin {first:%Y-%m-%d %H:%M}"
    return Check("train ends before the rows that judge", trained_through <= first, detail)


def is_calibrated(found: Calibrated) -> Check:
    """As many purchases as predicted, and log-odds of the right slope, within the tolerance and beyond chance."""
    return Check("calibrated", found.passed, str(found), stops=False)


def nothing_beats_the_truth(comparison: Comparison) -> Check:
    """No predictor's log-loss is below the true probabilities' beyond chance."""
    above = comparison.beats_ceiling()
    return Check("nothing beats the truth", not above, f"better than the truth: {above or 'none'}")


def _separation(labels: np.ndarray, column: np.ndarray) -> float:
    # A missing value ranks below all others: missing may be what gives the label away.
    lowest = np.nanmin(column, initial=0) - 1
    auc = Ranking(labels, np.where(np.isnan(column), lowest, column)).measure()["roc_auc"]
    return max(auc, 1 - auc)
