"""Rows of a request: strictly typed by the model that will read them, and turned into its float32 matrix."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

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
# What a row without features may tell of its moment.
MOMENT = {"event_type": Literal[DECISION_TYPES], "price": Amount | None, "timestamp": Time}


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
        self._pack = struct.Struct(f"={len(self.names)}f").pack
        self._nothing = self._pack(*[NAN] * len(self.names))
        # A number left out is NaN from the start, which packs faster than None.
        fields = [(name, self.types[name], None if name in levels else NAN) for name in self.names]
        fields += [(name, kind | UnsetType, UNSET) for name, kind in MOMENT.items()]
        fields += [(name, Name | None, None) for name in IDS]
        row = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
        features = Annotated[list[row], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]
        options = [(name, kind, default) for name, (kind, default) in OPTIONS.items()]
        request = msgspec.defstruct("PredictRequest", [("features", features), *options], forbid_unknown_fields=True)
        self.decode = msgspec.json.Decoder(request).decode

    def matrix(self, rows: Sequence) -> np.ndarray:
        """The float32 matrix of decoded `rows`, shape (rows, columns); null and left out are NaN."""
        # A bytearray, since numba would compile once more for read-only memory.
        packed = bytearray().join([self._packed(row) for row in rows])
        return np.frombuffer(packed, np.float32).reshape(len(rows), len(self.names))

    def bare(self, rows: Sequence, matrix: np.ndarray) -> list[int]:
        """The rows of which only user, item and moment are known: their features are the store's to tell."""
        # Comparing bytes costs next to nothing; every NaN here is the one that was packed.
        packed, size = matrix.tobytes(), len(self._nothing)
        empty = (n for n in range(len(rows)) if packed.startswith(self._nothing, n * size))
        return [n for n in empty if rows[n].user_id and rows[n].item_id]

    def _packed(self, row) -> bytes:
        values = list(msgspec.structs.astuple(row)[: len(self.names)])
        for column, codes in self._codes:
            values[column] = codes[values[column]]
        try:
            return self._pack(*values)
        except struct.error:  # an explicit null
            return self._pack(*[NAN if value is None else value for value in values])
