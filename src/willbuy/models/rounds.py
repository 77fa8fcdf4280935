"""How many trees: by early stopping, where validation holds few buyers also at rolling origins inside train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb

from willbuy.models import boosted, reading
from willbuy.models.encoding import Encoding

LEAST_BUYERS = 100
ORIGINS = (4 / 6, 5 / 6)  # of the days of train


@dataclass(frozen=True)
class Rounds:
    """How many rounds to boost, in words how that was found, and the trees of so many rounds on all of train.

    `loss` is the least log-loss, by which they were found: comparable between settings on the same rows alone.
    """

    number: int
    found: str
    booster: xgb.Booster
    loss: float


def find(
    train: str | Path, stopping: pd.DataFrame, matrix: np.ndarray, encoding: Encoding, horizon_days: int, **settings
) -> Rounds:
    """The number of rounds for the features file `train`, by XGBoost's `settings` (`boosted.watched`).

    `stopping` (user_id, label) and `matrix` are the part of validation that stops the boosting. With fewer than
    LEAST_BUYERS buyers in it, the log-loss of a round is summed over it and ORIGINS: at each of these, trees learn from
    the rows of train whose label windows have closed by then, and are judged on the next stretch.
    """
    buyers = stopping.user_id[stopping.label == 1].nunique()
    watched = boosted.watched([(train, None)], encoding, (matrix, stopping.label), **settings)
    number, found = watched.booster.num_boosted_rounds(), f"the least log-loss on validation, with {buyers:,} buyers"
    if buyers >= LEAST_BUYERS:
        return Rounds(number, found, watched.booster, float(watched.losses.min()))
    losses = [*_rolling(train, encoding, horizon_days, settings), watched.losses * len(stopping)]
    longest = max(map(len, losses))
    summed = sum(np.pad(each, (0, longest - len(each)), mode="edge") for each in losses)
    number = int(np.argmin(summed)) + 1
    found += f", and at {len(losses) - 1} rolling origins inside train"
    return Rounds(number, found, boosted.fit([(train, None)], encoding, number, **settings), float(np.min(summed)))


def _rolling(train: str | Path, encoding: Encoding, horizon_days: int, settings: dict) -> Iterator[np.ndarray]:
    """For each origin the sum of the log-losses of its rows by round."""
    frame, matrix = reading.read(train, encoding, ["timestamp", "label"])
    first, last = frame.timestamp.min(), frame.timestamp.max()
    edges = [first + share * (last - first) for share in (*ORIGINS, 1)]
    for origin, end in pairwise(edges):
        known = (frame.timestamp < origin - timedelta(days=horizon_days)).to_numpy()
        judged = ((frame.timestamp >= origin) & (frame.timestamp <= end)).to_numpy()
        if all(frame.label[rows].nunique() == 2 for rows in (known, judged)):
            stopping = matrix[judged], frame.label[judged]
            watched = boosted.watched([(train, known)], encoding, stopping, **settings)
            yield watched.losses * judged.sum()
