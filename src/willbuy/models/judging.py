"""The rows of validation that judge: users to whom neither the candidate nor the champion was fitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.models import parts, reading
from willbuy.models.model import Model


@dataclass(frozen=True)
class Judging:
    """The `rows` (positions) of the features file at `features`; `frame` has their user_id, timestamp and label."""

    features: str | Path
    frame: pd.DataFrame
    rows: np.ndarray
    samples: int
    seed: int

    @classmethod
    def of(cls, features: str | Path, samples: int, seed: int) -> Judging:
        """The judging part of the features file of validation, with `samples` resamples of its users."""
        frame = pd.read_parquet(features, columns=["user_id", "timestamp", "label"])
        rows = np.flatnonzero(parts.of(frame.user_id) == parts.JUDGING)
        return cls(features, frame.iloc[rows], rows, samples, seed)

    def after(self, time: datetime) -> Judging:
        """The same without the decision points before `time`."""
        later = (self.frame.timestamp >= time).to_numpy()
        return Judging(self.features, self.frame[later], self.rows[later], self.samples, self.seed)

    @property
    def labels(self) -> np.ndarray:
        """The label of each row."""
        return self.frame.label.to_numpy()

    @property
    def can_judge(self) -> bool:
        """True if both labels are there."""
        return bool(0 < self.labels.sum() < len(self.labels))

    @cached_property
    def bootstrap(self) -> UserBootstrap:
        """The resamples of the rows' users."""
        return UserBootstrap(self.frame.user_id, self.samples, self.seed)

    def matrix(self, model: Model) -> np.ndarray:
        """The rows as `model` knows them: a feature that the file lacks, and an unseen category, are missing."""
        return reading.matrix(self.features, model.encoding, self.rows)

    def mean(self, values: np.ndarray) -> Estimate:
        """The mean of one value a row."""
        return estimate(values.mean(), self.bootstrap.mean(values))
