"""GET and DELETE /users/{user_id}: all that is kept of a person, to give to them, and to erase."""

import msgspec
import numpy as np

from app.access.keys import ADMIN
from app.http.endpoint import endpoint
from app.http.fields import Count, EventType, UserId
from app.online.store import history
from app.server import Server
from willbuy.clock import at
from willbuy.features.kernel import FIRST, NEVER
from willbuy.schema import EVENT_TYPES


class KeptEvent(msgspec.Struct, gc=False):
    """An event as it is kept: of the item, and of an `event_id`, numbers alone, from which no id can be had again."""

    timestamp: str
    event_type: EventType
    item_number: str
    event_number: str
    price: float | None
    duration_seconds: float | None


class KeptUser(msgspec.Struct):
    """All that is kept of a user; `events` in order of time.

    Of events that are no longer kept, the time of the first and the times of the latest of each type.
    """

    user_id: UserId
    events: list[KeptEvent]
    first_before: str | None
    latest_before: dict[str, str]


class Erased(msgspec.Struct):
    """How many users were erased: 1, or 0 if nothing was kept of this one."""

    erased: Count


@endpoint("GET", "/users/{user_id}", ADMIN, errors=[503])
def user(app: Server, user_id: UserId) -> KeptUser:
    """All that is kept of a user."""
    (content,) = app.online.store.read([user_id], []).histories
    kept = history.unpack(content)
    types = {name: kept.ever[n] for n, name in enumerate(EVENT_TYPES)}
    latest = {name: _iso(time) for name, time in types.items() if time != NEVER}
    first = None if kept.ever[FIRST] == NEVER else _iso(kept.ever[FIRST])
    return KeptUser(user_id, [_event(record) for record in kept.records], first, latest)


@endpoint("DELETE", "/users/{user_id}", ADMIN, errors=[503])
def forget_user(app: Server, user_id: UserId) -> Erased:
    """Erase all that is kept of a user.

    When this answers, it is gone from the store; from an SQLite file with what is beside it, too, while a Redis with
    `appendonly` has begun to write its file anew. The daily counts of items, which are nobody's, stay. What is sent of
    the user later is kept again.
    """
    erased = app.online.store.forget([user_id])
    app.online.store.clean()
    return Erased(erased)


def _event(record: np.void) -> KeptEvent:
    item, event = (f"{int(record[name]) % 2**64:016x}" for name in ("item", "key"))
    price, seconds = _amount(record["cents"], 100), _amount(record["ms"], 1000)
    return KeptEvent(_iso(record["time"]), EVENT_TYPES[record["type"]], item, event, price, seconds)


def _amount(kept: np.float64, unit: int) -> float | None:
    return None if np.isnan(kept) else float(kept) / unit


def _iso(time: np.int64) -> str:
    return at(int(time)).isoformat()
