"""The products of evaluate: predictions.parquet and metrics.json."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from willbuy.files import write_table, write_text
from willbuy.models.predictors import LOGISTIC
from willbuy.schema import PREDICTIONS


def thinned(curve: pd.DataFrame, points: int = 200) -> dict[str, list]:
    """At most `points` rows of a figure's curve, first and last included, as column → values."""
    kept = np.unique(np.linspace(0, len(curve) - 1, points).round().astype(np.int64))
    return curve.iloc[kept].to_dict("list")


def write_predictions(
    frame: pd.DataFrame, predictions: Mapping[str, np.ndarray], served: str, path: str | Path
) -> None:
    """Write the rows of `frame` (DECISIONS and item_price) to `path`, with the probabilities and value of `served`."""
    rows = frame.assign(
        probability=predictions[served],
        baseline_probability=predictions[LOGISTIC],
        price=frame.item_price,
        expected_value=predictions[served] * frame.item_price,
    )
    write_table(pa.Table.from_pandas(rows[PREDICTIONS.arrow.names], PREDICTIONS.arrow, preserve_index=False), path)


def write_metrics(metrics: dict, path: str | Path) -> None:
    """Write `metrics` as JSON to `path`, as `plain` makes them."""
    write_text(json.dumps(plain(metrics), indent=1, allow_nan=False) + "\n", path)


def plain(value):
    """`value` as JSON has it: dataclasses are objects, and what could not be measured (NaN) is None."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
