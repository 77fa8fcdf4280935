"""The candidate of a build beside the champion that it was compared with, on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from willbuy.evaluation.comparison import compare
from willbuy.evaluation.contest import Measured, measured
from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.market import Market
from willbuy.evaluation.sales import Sales
from willbuy.models import reading, registry

Rivals = Mapping[str, Mapping[str, Estimate]]


def side_by_side(
    versions: tuple[str, str],
    known: Mapping[str, Mapping[str, Measured]],
    models: Path,
    features: str | Path,
    sold: Sales,
    market: Market,
    bootstrap: UserBootstrap,
) -> Rivals:
    """Both `versions` of the folder `models` on the rows of `features`, and the first minus the second, paired.

    For each of them and for the difference the metrics of a contest, at each model's own threshold. `known` has those
    of the versions that were measured already.
    """
    labels = pd.read_parquet(features, columns=["label"]).label.to_numpy()
    first, second = (
        known.get(version) or _measured(models / version, features, labels, sold, market, bootstrap)
        for version in versions
    )
    gain = {name: (first[name][0] - second[name][0], first[name][1] - second[name][1]) for name in first}
    names = (*versions, "difference")
    return {
        name: {metric: estimate(*value) for metric, value in each.items()}
        for name, each in zip(names, (first, second, gain), strict=True)
    }


def _measured(
    path: Path, features: str | Path, labels: np.ndarray, sold: Sales, market: Market, bootstrap: UserBootstrap
) -> Mapping[str, Measured]:
    model = registry.load(path)
    probability = model.predict_matrix(reading.matrix(features, model.encoding))
    compared = compare(labels, {path.name: probability}, bootstrap)
    outcome = market.act(probability, model.threshold)
    return measured(compared, path.name, probability, model.threshold, sold, outcome, bootstrap)
