"""Rows of a request: strictly typed by the model that will read them, and turned into its float32 matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import astuple

from app.http.bodies import Body
from app.http.fields import Amount, Batch, DecisionType, Number, Probability, Time

NAN = float("nan")
# What a row without features may say of its decision point.
DECISION_FIELDS = ("event_type", "price", "timestamp")
FEATURES = Meta(
    description="A feature that is left out, or null, is missing; it is never taken for 0. A name that the model does "
    "not know is an error; `/model-info` has all names. A row without features names a decision point by `user_id` and "
    "`item_id`: its features come from the store."
)

Name = Annotated[str, Meta(max_length=200)]


class Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A row of features, or a decision point."""

    user_id: Annotated[Name | None, Meta(description="comes back with the prediction", examples=["user_000042"])] = None
    item_id: Annotated[Name | None, Meta(description="comes back with the prediction", examples=["item_000007"])] = None
    event_type: Annotated[DecisionType | UnsetType, Meta(description="`view` if left out; without features only")] = (
        UNSET
    )
    price: Annotated[
        Amount | None | UnsetType, Meta(description="the item's price at that time if left out; without features only")
    ] = UNSET
    timestamp: Annotated[Time | UnsetType, Meta(description="now if left out; without features only")] = UNSET


class Scoring(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /predict, as far as it is the same for all models."""

    features: Annotated[Batch[Row], FEATURES]
    return_probabilities: Annotated[bool, Meta(description="`false` leaves them out")] = True
    threshold: Annotated[
        Probability | None,
        Meta(
            description="from which probability on `prediction` is 1; null: the model's own, where acting begins to pay"
        ),
    ] = None
    # 3.0 is a whole number in JSON too, and no int to msgspec.
    explain: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            multiple_of=1,
            description="how many reasons to give for each row: the features with the strongest contributions",
        ),
    ] = 0
    return_features: Annotated[bool, Meta(description="whether to return features that came from the store")] = False


FIELDS = Row.__struct_fields__
_ID = {"type": "string", "minLength": 1}
# Of the two kinds of row a request may mix, each has its own fields.
_EITHER = Meta(
    extra_json_schema={
        "anyOf": [
            {"properties": dict.fromkeys(DECISION_FIELDS, False)},
            {"required": FIELDS[:2], "properties": dict.fromkeys(FIELDS[:2], _ID), "propertyNames": {"enum": FIELDS}},
        ]
    }
)


class Rows:
    """The types of a request to one model, and how its rows become a matrix.

    `names` are the model's columns in order; `levels` gives the levels of the categorical ones, in order of code.
    `described` has words for columns, `example` the values of a row: both are for OpenAPI.
    """

    def __init__(
        self,
        names: Sequence[str],
        levels: Mapping[str, Sequence[str]],
        described: Mapping[str, str] | None = None,
        example: Mapping[str, float | str] | None = None,
    ):
        self.names = tuple(names)
        types = dict.fromkeys(names, Number | None) | {n: Literal[tuple(v)] | None for n, v in levels.items()}
        self._codes = [
            (self.names.index(name), {None: NAN} | {level: float(code) for code, level in enumerate(values)})
            for name, values in levels.items()
        ]
        says = {
            name: Annotated[kind, Meta(description=(described or {}).get(name, ""))] for name, kind in types.items()
        }
        # A number left out is NaN from the start, which numpy reads faster than None.
        fields = [(name, says[name], None if name in levels else NAN) for name in self.names]
        row = msgspec.defstruct("Row", fields, bases=(Row,), forbid_unknown_fields=True, gc=False)
        features = Annotated[Batch[Annotated[row, _EITHER]], FEATURES, Meta(examples=[[example or {}]])]
        scoring = msgspec.defstruct("Scoring", [("features", features)], bases=(Scoring,), forbid_unknown_fields=True)
        self.body = Body(scoring)

    def matrix(self, rows: Sequence) -> np.ndarray:
        """The float32 matrix of decoded `rows`, shape (rows, columns); null and left out are NaN."""
        return np.array([self._encoded(row) for row in rows], np.float32)

    def bare(self, rows: Sequence) -> list[int]:
        """The rows of which only user, item and time are known: the store has their features."""
        return [n for n, row in enumerate(rows) if row.user_id and row.item_id and not self._tells(row)]

    def _tells(self, row) -> bool:
        """Whether any feature is known. One left out is not equal to itself."""
        return any(value is not None and value == value for value in astuple(row)[len(FIELDS) :])

    def _encoded(self, row) -> list[float | None]:
        values = list(astuple(row)[len(FIELDS) :])
        for column, codes in self._codes:
            values[column] = codes[values[column]]
        return values
