"""Whether calibrating pays: each half of the users judges the curve that was fitted to the other half."""

import numpy as np

from willbuy.evaluation.metrics import losses
from willbuy.models import calibration
from willbuy.models.calibration import Calibration


def fit(margins: np.ndarray, labels: np.ndarray, halves: np.ndarray) -> Calibration:
    """The curve of all rows (`calibration.fit`); the margins as they are if that has no higher log-loss, cross-fitted.

    `margins` are those of rows that training did not see; `halves` is a mask, all rows of a user on one side of it.
    """
    labels = np.asarray(labels)
    plain = calibration.identity()
    if not all(labels[rows].any() for rows in (halves, ~halves)):
        return plain
    fitted = sum(
        _loss(calibration.fit(margins[~half], labels[~half]), margins[half], labels[half]) for half in (halves, ~halves)
    )
    return calibration.fit(margins, labels) if fitted < _loss(plain, margins, labels) else plain


def _loss(curve: Calibration, margins: np.ndarray, labels: np.ndarray) -> float:
    return float(losses(labels, curve(margins)).sum())
