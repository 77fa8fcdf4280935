"""POST /events: what happened in the shop, kept before it is acknowledged."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import numpy as np

from app.access.keys import EVENTS
from app.http.endpoint import endpoint
from app.http.fields import Amount, Batch, Count, EventType, Id, ItemId, Time, UserId
from app.http.requests import Request
from app.http.words import says
from app.online.store.history import content_keys, id_key, item_number
from app.server import Server
from willbuy.clock import microseconds
from willbuy.features.online import RECORD
from willbuy.schema import EVENT_TYPES

KINDS = {name: code for code, name in enumerate(EVENT_TYPES)}
NAN = float("nan")


class Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event. Without an `event_id` it is known by all that it says."""

    user_id: UserId
    item_id: ItemId
    event_type: EventType
    timestamp: Time
    price: Annotated[Amount | None, says("what the item cost then")] = None
    duration_seconds: Annotated[Amount | None, says("how long the visitor stayed on it")] = None
    event_id: Annotated[Id | None, says("tells an event from others of the same content")] = None


class Events(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /events."""

    events: Batch[Event]


class Taken(msgspec.Struct):
    """How many events became what."""

    accepted: Count
    duplicates: Count
    too_old: Annotated[Count, says("from before what the store keeps of that user; they change no count")]


@endpoint("POST", "/events", EVENTS, errors=[503])
def events(app: Server, request: Request, body: Events) -> Taken:
    """Take events, each once. When this answers, they are on the disk."""
    request.rows = len(body.events)
    accepted, duplicates, too_old = app.online.add(by_user(body.events), app.champion.gap_us).tolist()
    return Taken(accepted, duplicates, too_old)


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
