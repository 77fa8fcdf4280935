"""Settings of XGBoost by trial: those that were asked for first, then others, by the loss that finds the rounds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from willbuy.models import rounds
from willbuy.models.encoding import Encoding

# From, to, and whether by ratio. A lower learning rate is left out: it is nearly always better, and costs its ratio.
NUMBERS = {
    "min_child_weight": (1.0, 300.0, True),
    "subsample": (0.5, 1.0, False),
    "colsample_bytree": (0.3, 1.0, False),
}
DEPTHS = 3, 10


def find(
    train: str | Path,
    stopping: pd.DataFrame,
    matrix: np.ndarray,
    encoding: Encoding,
    horizon_days: int,
    settings: Mapping[str, Any],
    trials: int,
) -> tuple[dict[str, Any], rounds.Rounds]:
    """`settings`, or those of the `trials` others with the least loss, and their rounds (`rounds.find`).

    The same arguments give the same settings: the sampler (TPE) draws by the `seed` among the settings.
    """
    rows = train, stopping, matrix, encoding, horizon_days
    best = dict(settings), rounds.find(*rows, **settings)
    if not trials:
        return best
    study = _study(settings["seed"])
    for _ in range(trials):
        trial = study.ask()
        tried = {**settings, **_suggested(trial)}
        found = rounds.find(*rows, **tried, verbose_every=False)
        study.tell(trial, found.loss)
        best = (tried, found) if found.loss < best[1].loss else best
    return best


def _study(seed: int):
    import optuna  # the extra `tune`: only whoever asks for a search needs it

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))


def _suggested(trial) -> dict[str, Any]:
    numbers = {name: trial.suggest_float(name, low, high, log=log) for name, (low, high, log) in NUMBERS.items()}
    return {"max_depth": trial.suggest_int("max_depth", *DEPTHS), **numbers}
