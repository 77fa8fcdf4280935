"""The model: encoding, trees or logistic regression, and calibration, with what is known about it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost as xgb

from willbuy.models import boosted
from willbuy.models.baseline import Dummy, Rule
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.predictors import DUMMY, LOGISTIC, RULE, XGBOOST


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
    """A booster, or logistic regression, whose margins become calibrated probabilities.

    Without a `booster` the logistic regression among the `baselines` predicts. `threshold` is the probability from
    which acting pays, by the validation part that calibrated it. `card` is everything else worth keeping as plain JSON
    values: metrics, fingerprints, dates, settings.
    """

    booster: xgb.Booster | None
    encoding: Encoding
    calibration: Calibration
    threshold: float
    baselines: Baselines
    card: dict

    @property
    def kind(self) -> str:
        """Which predictor it is, by its name in every table."""
        return LOGISTIC if self.booster is None else XGBOOST

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The float64 probability of a purchase for each row of a table of features; extra columns are ignored."""
        return self.predict_matrix(self.encoding.matrix(features))

    def predict_matrix(self, matrix: np.ndarray) -> np.ndarray:
        """The same for a matrix that `encoding` made."""
        return self.calibration(self.margins(matrix))

    def margins(self, matrix: np.ndarray) -> np.ndarray:
        """The float32 log-odds of each row, before calibration."""
        if self.booster is None:
            return self.baselines.logistic.linear.margins(matrix)
        return boosted.margins(self.booster, matrix)

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Each feature's share of each row's log-odds, shape (rows, features)."""
        if self.booster is None:
            return self.baselines.logistic.linear.contributions(matrix)
        return boosted.contributions(self.booster, self.encoding, matrix)

    def importance(self, contributed: np.ndarray) -> pd.DataFrame:
        """One row a feature: its mean |contribution| in `contributed`, and of trees its share of the total gain."""
        if self.booster is None:
            return pd.DataFrame({"feature": self.encoding.names, "contribution": np.abs(contributed).mean(axis=0)})
        return boosted.importance(self.booster, self.encoding, contributed)
