"""Golden rows: inputs stored with a model, and its answers. A server of the model must give the same bits."""

import numpy as np
import pandas as pd

from willbuy.models.encoding import Encoding


def rows(encoding: Encoding, matrix: np.ndarray, probabilities: np.ndarray, count: int = 32) -> list[dict]:
    """At most `count` rows of `matrix`, from the least to the most probable, evenly spaced in rank, as plain JSON.

    Each is {"features": {name: value or null}, "probability": p}. Each number is the shortest decimal of its float32.
    """
    order = np.argsort(probabilities, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, count).astype(int))]
    return [
        {
            "features": {name: _value(encoding, name, x) for name, x in zip(encoding.names, matrix[i], strict=True)},
            "probability": float(probabilities[i]),
        }
        for i in chosen.tolist()
    ]


def table(golden: list[dict]) -> pd.DataFrame:
    """The inputs of stored rows as a table of features."""
    return pd.DataFrame([row["features"] for row in golden])


def _value(encoding: Encoding, name: str, x: np.float32) -> float | int | str | None:
    if np.isnan(x):
        return None
    if name in encoding.levels:
        return encoding.levels[name][int(x)]
    return int(x) if x == int(x) else float(str(x))
