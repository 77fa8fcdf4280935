"""What a store keeps of events, and the numbers that items and events go by."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from app.http.times import time_of
from willbuy.features.amounts import cents, milliseconds
from willbuy.features.online import RECORD
from willbuy.schema import EVENT_TYPES

NAN = float("nan")
TYPES = {name: code for code, name in enumerate(EVENT_TYPES)}


def by_user(events: Sequence) -> dict[str, np.ndarray]:
    """The records of `events`, each with the fields of /events, in the order given, by user.

    Raises ApiError 422 for a time at the edge of the calendar.
    """
    price = np.array([NAN if event.price is None else event.price for event in events])
    seconds = np.array([NAN if event.duration_seconds is None else event.duration_seconds for event in events])
    records = to_records(
        [time_of(event.timestamp, "timestamp", row) for row, event in enumerate(events)],
        [item_number(event.item_id) for event in events],
        [TYPES[event.event_type] for event in events],
        price,
        seconds,
    )
    places: dict[str, list[int]] = {}
    for n, event in enumerate(events):
        if event.event_id is not None:
            records["key"][n] = id_key(event.event_id)
        places.setdefault(event.user_id, []).append(n)
    return {user: records[mine] for user, mine in places.items()}


def to_records(time, item, kind, price: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Records (RECORD) of events that go by their content; `kind` is a code of EVENT_TYPES, null is NaN."""
    records = np.empty(len(price), RECORD)
    records["time"], records["item"], records["type"] = time, item, kind
    records["cents"], records["ms"] = cents(price), milliseconds(seconds)
    records["key"] = content_keys(records, price, seconds)
    return records


def item_number(item_id: str) -> int:
    """The number of 64 bits that an item goes by."""
    return int.from_bytes(blake2b(item_id.encode(), digest_size=8).digest(), "little", signed=True)


def id_key(event_id: str) -> int:
    """The key of an event that has an id."""
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8, person=b"event_id").digest(), "little", signed=True)


def content_keys(records: np.ndarray, price: np.ndarray, seconds: np.ndarray, copy: np.ndarray | int = 0) -> np.ndarray:
    """The keys of events without an id: a mix of all that they say. Copy n of an event is told from the others.

    Each step is the finalizer of MurmurHash3 (Austin Appleby, public domain).
    """
    key = np.full(len(records), copy, np.uint64)
    for column in (records["time"], records["item"], records["type"], price + 0.0, seconds + 0.0):
        # One NaN for all, whatever its bits were.
        column = np.where(np.isnan(column), np.nan, column) if column.dtype == float else column
        key ^= np.ascontiguousarray(column).view(np.uint64)
        key ^= key >> np.uint64(33)
        key *= np.uint64(0xFF51AFD7ED558CCD)
        key ^= key >> np.uint64(33)
        key *= np.uint64(0xC4CEB9FE1A85EC53)
        key ^= key >> np.uint64(33)
    return key.view(np.int64)
