"""Rows of a request: strictly typed by the model that will read them, and turned into its float32 matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

from willbuy.schema import DECISION_TYPES

MOST_ROWS = 1000
LARGEST = float(np.finfo(np.float32).max)
NAN = float("nan")

# What trees compare is float32: a larger number would become infinity.
Number = Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
# Sums of money and of milliseconds stay exact up to here.
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
OPTIONS = {
    "return_probabilities": (bool, True),
    "threshold": (Annotated[float, msgspec.Meta(ge=0, le=1)] | None, None),
    # 3.0 is a whole number in JSON too, and no int to msgspec.
    "explain": (Annotated[float, msgspec.Meta(ge=0, le=1000, multiple_of=1)], 0),
    "return_features": (bool, False),
}
IDS = ("user_id", "item_id")
# What a row without features may say of its decision point.
DECISION_FIELDS = {"event_type": Literal[DECISION_TYPES], "price": Amount | None, "timestamp": Time}


class Rows:
    """The types of a request to one model, and how its rows become a matrix.

    `names` are the model's columns in order; `levels` gives the levels of the categorical ones, in order of code.
    """

    def __init__(self, names: Sequence[str], levels: Mapping[str, Sequence[str]]):
        self.names = tuple(names)
        self.types = dict.fromkeys(names, Number | None) | {n: Literal[tuple(v)] | None for n, v in levels.items()}
        self._codes = [
            (self.names.index(name), {None: NAN} | {level: float(code) for code, level in enumerate(values)})
            for name, values in levels.items()
        ]
        # A number left out is NaN from the start, which numpy reads faster than None.
        fields = [(name, self.types[name], None if name in levels else NAN) for name in self.names]
        fields += [(name, kind | UnsetType, UNSET) for name, kind in DECISION_FIELDS.items()]
        fields += [(name, Name | None, None) for name in IDS]
        row = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
        features = Annotated[list[row], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]
        options = [(name, kind, default) for name, (kind, default) in OPTIONS.items()]
        request = msgspec.defstruct("PredictRequest", [("features", features), *options], forbid_unknown_fields=True)
        self.decode = msgspec.json.Decoder(request).decode

    def matrix(self, rows: Sequence) -> np.ndarray:
        """The float32 matrix of decoded `rows`, shape (rows, columns); null and left out are NaN."""
        return np.array([self._encoded(row) for row in rows], np.float32)

    def bare(self, rows: Sequence) -> list[int]:
        """The rows of which only user, item and time are known: the store has their features."""
        return [n for n, row in enumerate(rows) if row.user_id and row.item_id and not self._tells(row)]

    def _tells(self, row) -> bool:
        """Whether any feature is known. One left out is not equal to itself."""
        return any(value is not None and value == value for value in astuple(row)[: len(self.names)])

    def _encoded(self, row) -> list[float | None]:
        values = list(astuple(row)[: len(self.names)])
        for column, codes in self._codes:
            values[column] = codes[values[column]]
        return values
