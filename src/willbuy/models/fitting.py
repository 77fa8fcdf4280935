"""Every predictor at once, fitted to the same rows as the notebook `train` does step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb

from willbuy.features.context import known_in
from willbuy.models import baseline, boosted, crossfit, depth, parts, reading, rounds
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.model import Baselines
from willbuy.models.predictors import XGBOOST

LOGISTIC_ROWS = 100_000
# From so many positives in train on, a few more days of rows changed no measured figure and cost as much as the first.
ENOUGH_POSITIVES = 20_000


class TooFewSales(ValueError):
    """A part that a predictor learns from holds decision points of one label only; the message says which part."""


@dataclass(frozen=True)
class Fitted:
    """The four predictors of one past. `first` are the trees before the refit, which saw no row of validation."""

    encoding: Encoding
    baselines: Baselines
    first: xgb.Booster
    booster: xgb.Booster
    calibration: Calibration

    def predict(self, frame: pd.DataFrame, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """Each predictor's probabilities for the rows of `frame` (with RULE_FEATURES), whose encoding is `matrix`."""
        probability = self.calibration(boosted.margins(self.booster, matrix))
        return self.baselines.predict(frame, matrix) | {XGBOOST: probability}

    def before_refit(self) -> Fitted:
        """The same with the trees that saw no row of validation: what may predict these rows."""
        return replace(self, booster=self.first)


def fit(train: str | Path, validation: str | Path, horizon_days: int, seed: int, settings: dict) -> Fitted:
    """Fit to the features file `train`; `validation` tells how many rounds, calibrates, and joins in the refit.

    `settings` are XGBoost's parameters, as in `boosted.watched`. Raises TooFewSales where nothing can be learned.
    """
    known = pd.read_parquet(train, columns=["label", *baseline.RULE_FEATURES])
    labels = known.label.to_numpy()
    _both("train", labels)
    encoding = Encoding.fit(train, [feature.name for feature in known_in(train)])
    frame, matrix = reading.read(validation, encoding, ["user_id", "label"])
    part = parts.of(frame.user_id)
    stopping, others = part == parts.STOPPING, part != parts.JUDGING
    _both("the part of validation that stops the boosting", frame.label[stopping])
    watched = frame[stopping], matrix[stopping]
    baselines = Baselines(
        baseline.Dummy.fit(labels), baseline.Rule.fit(known, labels), logistic(train, encoding, *watched, seed)
    )
    settings = depth.chosen(settings, labels) | {"seed": seed}
    found = rounds.find(train, *watched, encoding, horizon_days, verbose_every=False, **settings)
    margins, y = boosted.margins(found.booster, matrix[others]), frame.label[others].to_numpy()
    curve = crossfit.fit(margins, y, stopping[others])
    booster = refit(found, (train, labels), (validation, others), encoding, settings)
    return Fitted(encoding, baselines, found.booster, booster, curve)


def logistic(
    train: str | Path, encoding: Encoding, frame: pd.DataFrame, matrix: np.ndarray, seed: int
) -> LogisticRegression:
    """Logistic regression on a sample of `train`, penalized as suits the labels of `frame`, whose rows are `matrix`.

    As many rows as move so few coefficients: more would cost time only.
    """
    rows, y = reading.sample(train, encoding, LOGISTIC_ROWS, seed)
    _both("the sample of train for logistic regression", y)
    return LogisticRegression.fit(encoding, rows, y, (matrix, frame.label.to_numpy()))


def refit(
    found: rounds.Rounds, train: tuple[str | Path, np.ndarray], validation: boosted.Rows, encoding: Encoding, settings
) -> xgb.Booster:
    """As many rounds on `train` (a features file and its labels) and `validation`, where that is worth its time."""
    path, labels = train
    if labels.sum() >= ENOUGH_POSITIVES:
        return found.booster
    return boosted.fit([(path, None), validation], encoding, found.number, **settings)


def _both(part: str, labels) -> None:
    if len(set(labels)) < 2:
        found = f"{len(labels):,} decision points, {int(np.sum(labels)):,} of them followed by a purchase"
        raise TooFewSales(f"{part} has {found}: take fewer origins, a shorter horizon or a longer log")
