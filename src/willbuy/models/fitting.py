"""Every predictor at once, fitted to the same rows as the notebook `train` does step by step."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb

from willbuy.features.definitions import NAMES
from willbuy.models import baseline, boosted, calibration, parts, reading
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.model import Baselines
from willbuy.models.predictors import XGBOOST

LOGISTIC_ROWS = 100_000


class TooFewSales(ValueError):
    """A part that a predictor learns from holds decision points of one label only; the message says which part."""


@dataclass(frozen=True)
class Fitted:
    """The four predictors of one past."""

    encoding: Encoding
    baselines: Baselines
    booster: xgb.Booster
    calibration: Calibration

    def predict(self, frame: pd.DataFrame, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """Each predictor's probabilities for the rows of `frame` (with RULE_FEATURES), whose encoding is `matrix`."""
        probability = self.calibration(boosted.margins(self.booster, matrix))
        return self.baselines.predict(frame, matrix) | {XGBOOST: probability}


def fit(train: str | Path, validation: str | Path, seed: int, settings: dict) -> Fitted:
    """Fit to the features file `train`; one part of `validation` stops XGBoost, the other calibrates it.

    `settings` are XGBoost's parameters, as in `boosted.fit`. Raises TooFewSales where nothing can be learned.
    """
    known = pd.read_parquet(train, columns=["label", *baseline.RULE_FEATURES])
    labels = known.label.to_numpy()
    _both("train", labels)
    encoding = Encoding.fit(train, NAMES)
    frame, matrix = reading.read(validation, encoding, ["user_id", "label"])
    part = parts.of(frame.user_id)
    stopping, held_out = part == parts.STOPPING, part == parts.CALIBRATION
    _both("the part of validation that stops the boosting", frame.label[stopping])
    # As many rows as move so few coefficients: more would cost time only.
    rows, y = reading.sample(train, encoding, LOGISTIC_ROWS, seed)
    _both("the sample of train for logistic regression", y)
    baselines = Baselines(
        baseline.Dummy.fit(labels), baseline.Rule.fit(known, labels), LogisticRegression.fit(encoding, rows, y)
    )
    watched = matrix[stopping], frame.label[stopping]
    booster = boosted.fit(train, encoding, watched, seed=seed, verbose_every=False, **settings)
    margins = boosted.margins(booster, matrix[held_out])
    return Fitted(encoding, baselines, booster, calibration.fit(margins, frame.label[held_out].to_numpy()))


def _both(part: str, labels) -> None:
    if len(set(labels)) < 2:
        found = f"{len(labels):,} decision points, {int(np.sum(labels)):,} of them followed by a purchase"
        raise TooFewSales(f"{part} has {found}: take fewer origins, a shorter horizon or a longer log")
