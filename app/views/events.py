"""POST /events: what happened in the shop, kept before it is acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
import numpy as np
from flask import Blueprint, current_app, request

from app.access.gate import needs
from app.access.keys import EVENTS
from app.http.bodies import Body, rows_of
from app.http.replies import Json
from app.model.rows import Amount, Time
from app.online.store.history import content_keys, id_key, item_number
from willbuy.clock import microseconds
from willbuy.features.online import RECORD
from willbuy.schema import EVENT_TYPES

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
KINDS = {name: code for code, name in enumerate(EVENT_TYPES)}
NAN = float("nan")


class Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event. Without an `event_id` it is known by all that it says."""

    user_id: Id
    item_id: Id
    event_type: Literal[EVENT_TYPES]
    timestamp: Time
    price: Amount | None = None
    duration_seconds: Amount | None = None
    event_id: Id | None = None


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /events."""

    events: rows_of(Event)


ALLOWED = {
    **dict.fromkeys(("user_id", "item_id"), "text of 1 to 200 characters"),
    "event_id": "text of 1 to 200 characters, or null",
    "event_type": ", ".join(EVENT_TYPES),
    "timestamp": "a time with its zone, like 2024-03-01T12:00:00Z",
    "price": "a number from 0 to 1000000000, or null",
    "duration_seconds": "a number from 0 to 1000000000, or null",
}
BODY = Body(Request, ALLOWED, "events", Event)

blueprint = Blueprint("events", __name__)


@blueprint.post("/events")
@needs(EVENTS)
def events() -> Json:
    """Take 1 to 1,000 events, each once. When this answers, they are on the disk."""
    received = request._get_current_object()
    asked = BODY.read(received.json_body())
    received.rows = len(asked.events)
    accepted, duplicates, too_old = current_app.online.store.add(by_user(asked.events)).tolist()
    return Json({"accepted": accepted, "duplicates": duplicates, "too_old": too_old})


def by_user(events: Sequence[Event]) -> dict[str, np.ndarray]:
    """The events as records, in the order given, by user."""
    records = _records(events)
    places: dict[str, list[int]] = {}
    for n, event in enumerate(events):
        places.setdefault(event.user_id, []).append(n)
    return {user: records[mine] for user, mine in places.items()}


def _records(events: Sequence[Event]) -> np.ndarray:
    price = np.array([NAN if event.price is None else event.price for event in events])
    seconds = np.array([NAN if event.duration_seconds is None else event.duration_seconds for event in events])
    records = np.empty(len(events), RECORD)
    records["time"] = [microseconds(event.timestamp) for event in events]
    records["item"] = [item_number(event.item_id) for event in events]
    records["type"] = [KINDS[event.event_type] for event in events]
    records["cents"], records["ms"] = np.rint(price * 100), np.rint(seconds * 1000)
    records["key"] = content_keys(records, price, seconds)
    for n, event in enumerate(events):
        if event.event_id is not None:
            records["key"][n] = id_key(event.event_id)
    return records
