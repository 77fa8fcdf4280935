"""The types of requests and answers. Each says once what it takes: to decoder, errors and documentation."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from msgspec import Meta

from willbuy.schema import DECISION_TYPES, EVENT_TYPES

T = TypeVar("T")
MOST_ROWS = 1000
LARGEST = float(np.finfo(np.float32).max)

# Seconds stop at 59, and a time says its zone; app.http.times has the bounds.
_TIME = (
    r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)

Batch = Annotated[list[T], Meta(min_length=1, max_length=MOST_ROWS)]
# Something to read, without control characters.
_NAME = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=_NAME)]
UserId = Annotated[Id, Meta(examples=["user_000042"])]
ItemId = Annotated[Id, Meta(examples=["item_000007"])]
Category = Annotated[Id, Meta(examples=["Electronics"])]
Version = Annotated[str, Meta(min_length=1, max_length=100, examples=["xgboost_20240131_235959"])]
Time = Annotated[datetime, Meta(tz=True, examples=["2024-03-01T12:00:00Z"], extra_json_schema={"pattern": _TIME})]
# Values of a name are beyond type checkers.
EventType = Literal[EVENT_TYPES]  # type: ignore[valid-type]
Context = dict[str, str | None]
DecisionType = Literal[DECISION_TYPES]  # type: ignore[valid-type]
# Sums of money and of milliseconds stay exact up to here.
Amount = Annotated[float, Meta(ge=0, le=1e9)]
Count = Annotated[int, Meta(ge=0)]
# 3.0 is a whole number in JSON too, and no int to msgspec.
Whole = Annotated[float, Meta(multiple_of=1)]
Probability = Annotated[float, Meta(ge=0, le=1)]
# What trees compare is float32: a larger number would become infinity.
Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]


def number_from(minimum: float | None) -> Any:
    """The type of a Number that is not below `minimum`; None is no bound."""
    return Number if minimum is None else Annotated[float, Meta(ge=minimum, le=LARGEST)]
