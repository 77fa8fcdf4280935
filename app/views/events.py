"""POST /events: what happened in the shop, kept before it is acknowledged."""

from typing import Annotated

import msgspec

from app.access.keys import EVENTS
from app.http.endpoint import endpoint
from app.http.fields import Amount, Batch, Count, EventType, Id, ItemId, Time, UserId
from app.http.requests import Request
from app.http.words import says
from app.online.records import by_user
from app.server import Server


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
