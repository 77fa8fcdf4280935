"""The model's card as it is shown to whoever asks: what it is, how it was trained, how good it is, what it reads."""

import msgspec
from msgspec import UNSET, UnsetType

from app.model.rows import Column
from app.model.served import ServedModel


class Shown(Column):
    """A feature, as the card describes it."""

    family: str | UnsetType = UNSET


class Interval(msgspec.Struct):
    """A metric with its 95% interval over users."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Metrics(msgspec.Struct):
    """How good the model is, `on` test if `evaluate` has looked at this version, else on validation."""

    on: str
    values: dict[str, Interval]
    rows: int | UnsetType = UNSET
    positives: int | UnsetType = UNSET
    users: int | UnsetType = UNSET
    base_rate: float | UnsetType = UNSET


class Info(msgspec.Struct):
    """The champion's card. What an older build did not write is left out."""

    version: str
    threshold: float
    features: list[Shown]
    levels: dict[str, list[str]]
    session_gap_minutes: float
    metrics: Metrics
    kind: str | UnsetType = UNSET
    choice: str | UnsetType = UNSET
    predicts: str | UnsetType = UNSET
    horizon_days: float | UnsetType = UNSET
    min_lead_minutes: float | UnsetType = UNSET
    trained_through: str | None | UnsetType = UNSET
    judges_known_through: str | None | UnsetType = UNSET
    code: str | UnsetType = UNSET
    settings: dict | UnsetType = UNSET
    money: dict | UnsetType = UNSET
    validation: dict | UnsetType = UNSET
    judging: dict | UnsetType = UNSET
    data: dict | UnsetType = UNSET
    packages: dict[str, str] | UnsetType = UNSET
    left_out: list[str] | UnsetType = UNSET


def of(model: ServedModel, metrics: dict) -> Info:
    """What the card says, with the metrics given. Raises msgspec.ValidationError if they are not such."""
    return msgspec.convert({**model.shown, "metrics": metrics}, Info, strict=False)
