"""What a saved model says about itself, beyond what it needs to predict."""

from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import xgboost as xgb

from willbuy.models.encoding import Encoding
from willbuy.models.versions import digest

PACKAGES = ("numpy", "pandas", "pyarrow", "scikit-learn")


def predicts(horizon_days: int, min_lead_minutes: float) -> str:
    """What a probability of the model is of, in words."""
    late = f", later than {min_lead_minutes:g} minutes after the decision" if min_lead_minutes else ""
    return f"that the shopper buys the item within {horizon_days} days{late}"


def features(definitions: Iterable, encoding: Encoding, always_known: Collection[str] = ()) -> list[dict]:
    """What each feature that the model reads is, and which values it can have, in the order of its matrix.

    `always_known` are contexts that were never null in train: their definitions do not say so.
    """
    by_name = {d.name: d for d in definitions}
    return [
        {
            "name": name,
            "family": by_name[name].family,
            "type": "category" if name in encoding.levels else "number",
            "unit": by_name[name].unit,
            "nullable": by_name[name].nullable and name not in always_known,
            "minimum": by_name[name].minimum,
            "description": by_name[name].description,
        }
        for name in encoding.names
    ]


def data(**paths: str | Path) -> dict:
    """For each split its rows and the SHA-256 of its features file."""
    return {split: {"rows": pq.read_metadata(path).num_rows, "sha256": digest(path)} for split, path in paths.items()}


def packages() -> dict[str, str]:
    """The versions of the packages that a prediction depends on."""
    # XGBoost comes from one of two packages, xgboost or xgboost-cpu.
    return {name: version(name) for name in PACKAGES} | {"xgboost": xgb.__version__}
