"""The model: encoding, booster and calibration, with what is known about it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost as xgb

from willbuy.models import boosted
from willbuy.models.baseline import Dummy, Rule
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.predictors import DUMMY, LOGISTIC, RULE


@dataclass(frozen=True)
class Baselines:
    """What the model was compared with, fitted to the same train rows."""

    dummy: Dummy
    rule: Rule
    logistic: LogisticRegression

    def predict(self, features: pd.DataFrame, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """Each baseline's probabilities for the rows of `features` (with RULE_FEATURES), whose encoding is `matrix`."""
        return {
            DUMMY: self.dummy.predict(features),
            RULE: self.rule.predict(features),
            LOGISTIC: self.logistic.predict_matrix(matrix),
        }


@dataclass(frozen=True)
class Model:
    """A booster whose margins become calibrated probabilities.

    `threshold` is the probability from which acting pays, by the validation part that calibrated it.
    `card` is everything else worth keeping as plain JSON values: metrics, fingerprints, dates, settings.
    """

    booster: xgb.Booster
    encoding: Encoding
    calibration: Calibration
    threshold: float
    baselines: Baselines
    card: dict

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The float64 probability of a purchase for each row of a table of features; extra columns are ignored."""
        return self.predict_matrix(self.encoding.matrix(features))

    def predict_matrix(self, matrix: np.ndarray) -> np.ndarray:
        """The same for a matrix that `encoding` made."""
        return self.calibration(boosted.margins(self.booster, matrix))
