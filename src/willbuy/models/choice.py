"""Which predictor serves: trees, or logistic regression where it is better beyond chance on users who judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willbuy.evaluation.metrics import losses
from willbuy.models.judging import Judging
from willbuy.models.predictors import LOGISTIC, XGBOOST


@dataclass(frozen=True)
class Choice:
    """What serves, by its name in every table, and why, in a sentence."""

    serves: str
    reason: str


def choose(judging: Judging, logistic: np.ndarray, trees: np.ndarray) -> Choice:
    """The choice by the probabilities of both, calibrated, for the rows of `judging`: users to whom neither was fitted.

    Logistic regression serves where the interval of its log-loss minus that of the trees lies below 0.
    """
    if not judging.can_judge:
        return Choice(XGBOOST, "the trees serve: the users who judge have one label only")
    difference = judging.mean(losses(judging.labels, logistic) - losses(judging.labels, trees))
    said = f"the log-loss of logistic regression minus that of the trees is {difference} on the users who judge"
    if difference.high < 0:
        return Choice(LOGISTIC, f"logistic regression serves: {said}")
    return Choice(XGBOOST, f"the trees serve: {said}")
