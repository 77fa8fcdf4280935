"""All predictors on the same rows: each metric with its interval, and their differences."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.metrics import METRICS, Ranking
from willbuy.models.predictors import CEILING, DUMMY


@dataclass(frozen=True)
class Comparison:
    """What was measured: `values[model][metric]`, and under each resample `replicates[model][metric]`.

    Every predictor sees the same resamples, so that differences are paired.
    """

    values: dict[str, dict[str, float]]
    replicates: dict[str, dict[str, np.ndarray]]

    def estimate(self, model: str, metric: str) -> Estimate:
        """The metric of one predictor."""
        return estimate(*self.measured(model, metric))

    def measured(self, model: str, metric: str) -> tuple[float, np.ndarray]:
        """The same value, and what it is in each resample."""
        return self.values[model][metric], self.replicates[model][metric]

    def difference(self, model: str, other: str, metric: str) -> Estimate:
        """`model` minus `other`, paired."""
        return estimate(
            self.values[model][metric] - self.values[other][metric],
            self.replicates[model][metric] - self.replicates[other][metric],
        )

    def share_of_ceiling(self, model: str) -> Estimate | None:
        """(log-loss of dummy − model) / (log-loss of dummy − truth): 0 for the base rate, 1 for the best possible.

        None if the truth is not among the predictors.
        """
        return estimate(_share(self.values, model), _share(self.replicates, model)) if CEILING in self.values else None

    def beats_ceiling(self) -> list[str]:
        """The predictors whose log-loss is below the truth's beyond chance: each one is a leak or a wrong truth."""
        others = [m for m in self.values if m != CEILING] if CEILING in self.values else []
        return [m for m in others if self.difference(m, CEILING, "log_loss").high < 0]

    def table(self) -> pd.DataFrame:
        """One row a metric, one column a predictor, each cell a value with its interval."""
        return pd.DataFrame({m: {k: str(self.estimate(m, k)) for k in METRICS} for m in self.values})

    def as_dict(self) -> dict:
        """All metrics as plain values: predictor → metric → value, low, high."""
        return {m: {k: vars(self.estimate(m, k)) for k in METRICS} for m in self.values}

    def differences(self, model: str, other: str) -> dict:
        """`model` minus `other`, paired, as plain values: metric → value, low, high."""
        return {k: vars(self.difference(model, other, k)) for k in METRICS}


def compare(labels: np.ndarray, predictions: Mapping[str, np.ndarray], bootstrap: UserBootstrap) -> Comparison:
    """Measure each predictor's probabilities (name → one a row) against the 0/1 `labels`."""
    values, replicates = {}, {}
    for model, probabilities in predictions.items():
        ranking = Ranking(labels, probabilities)
        values[model] = ranking.measure()
        rows = [ranking.measure(w) for w in bootstrap.weights()]
        replicates[model] = {k: np.array([r[k] for r in rows]) for k in METRICS}
    return Comparison(values, replicates)


def _share(measured: Mapping, model: str):
    dummy = measured[DUMMY]["log_loss"]
    return (dummy - measured[model]["log_loss"]) / (dummy - measured[CEILING]["log_loss"])
