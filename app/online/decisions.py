"""The decision points of a request and their features from the store. Errors become HTTP responses."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from msgspec import UNSET, UnsetType

from app.http.errors import ApiError, Problem, invalid, unavailable
from app.http.times import time_of
from app.http.words import says
from app.model.rows import DECISION_FIELDS, IDS
from app.model.served import ServedModel
from app.online.context import contexts
from app.online.features import Decision, ForgottenError, Online
from app.online.records import item_number
from app.online.store import StoreError
from willbuy.clock import at as time_at
from willbuy.features.definitions import FEATURES, NAMES
from willbuy.schema import CART

NAN = float("nan")
FIRST_SEEN = NAMES.index("days_since_first_seen")
UNKNOWN = says(
    "what nothing is known of: a user without an event before, an item of which /items says nothing. The row is scored "
    "like any other; left out if both are known"
)
Unknown = Annotated[list[Literal[IDS]] | UnsetType, UNKNOWN]  # type: ignore[valid-type]


def decision(row, now: int, item_id: str, place: int | None = None, field: str = "timestamp") -> Decision:
    """The decision point in `row`, which has `user_id` and may have `event_type`, `price` and `timestamp`.

    It is the row `place` of the request, which calls the time `field`.
    """
    price = None if row.price is UNSET else NAN if row.price is None else row.price
    time = now if row.timestamp is UNSET else time_of(row.timestamp, field, place)
    return Decision(row.user_id, item_number(item_id), time, price, row.event_type == CART)


def fill(model: ServedModel, rows: Sequence, matrix: np.ndarray, online: Online) -> dict[int, np.ndarray]:
    """Write into `matrix` what is known of the rows that bring no features; returns what the store knows, by row.

    Raises ApiError, with the rows it is about.
    """
    places, empty = model.rows.without(rows, matrix)
    _refuse_mixed(rows, set(places))
    if empty:
        raise invalid(Problem(n, None, "names no feature", "features, or user_id and item_id") for n in empty)
    if not places:
        return {}
    context, time = contexts(model, [rows[n] for n in places], places), online.now()
    computed = features(model, [decision(rows[n], time, rows[n].item_id, n) for n in places], places, online)
    matrix[places] = model.encoded(computed, online.catalogue.categories, context)
    return dict(zip(places, computed.T, strict=True))


def features(
    model: ServedModel, decisions: Sequence[Decision], places: Sequence[int | None], online: Online
) -> np.ndarray:
    """All features of `decisions`, which stand in the request's rows `places`. Raises ApiError 409, 422 or 503."""
    if model.undefined:
        names = ", ".join(model.undefined)
        raise ApiError(409, "undefined_features", f"{model.version} reads {names}, no longer computed; send it")
    try:
        return online.features(decisions, model.gap_us)
    except StoreError as error:
        details = [Problem(n, None, "needs the store", "rows with features") for n in places if n is not None]
        raise unavailable(error, details) from None
    except ForgottenError as error:
        raise _forgotten(error, places) from None


def unknown(values: np.ndarray, items: Sequence[str], online: Online) -> list[list[str]]:
    """For each decision point, about one of `items` and with the features `values` (features, n), its unknown ids."""
    told = online.catalogue.knows(np.array([item_number(item) for item in items], np.int64))
    pairs = zip(np.isnan(values[FIRST_SEEN]).tolist(), (~told).tolist(), strict=True)
    return [["user_id"] * is_new + ["item_id"] * is_untold for is_new, is_untold in pairs]


def named(values: np.ndarray, online: Online) -> dict:
    """All features of one row as they are answered: null for NaN, whole numbers whole, the category by name."""
    pairs = zip(FEATURES, values.tolist(), strict=True)
    return {feature.name: _plain(feature, value, online.catalogue.categories) for feature, value in pairs}


def _plain(feature, value: float, categories: Sequence[str]) -> float | int | str | None:
    if value != value:
        return None
    if feature.dtype == "string":
        return categories[int(value)]
    return int(value) if feature.dtype.startswith("int") else value


def _refuse_mixed(rows: Sequence, bare: set[int]) -> None:
    details = [
        Problem(n, name, "goes with no features", "user_id and item_id with these, or features")
        for n, row in enumerate(rows)
        for name in DECISION_FIELDS
        if n not in bare and getattr(row, name) is not UNSET
    ]
    if details:
        raise invalid(details)


def _forgotten(error: ForgottenError, places: Sequence[int | None]) -> ApiError:
    details = [
        Problem(places[n], "timestamp", str(error), f"from {time_at(since)} on")
        for n, since in zip(error.places, error.since, strict=True)
    ]
    return ApiError(422, "forgotten", "decision points before what the store keeps; see WILLBUY_LOOKBACK_DAYS", details)
