"""PUT /items: what the shop's items are and cost, from now or from another time on."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from app.access.keys import EVENTS
from app.http.endpoint import endpoint
from app.http.errors import Problem, invalid
from app.http.fields import Amount, Batch, Category, Count, ItemId, Time
from app.http.requests import Request
from app.http.times import time_of
from app.http.words import says
from app.online.store.timeline import Entry, State
from app.server import Server


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An item from `timestamp` on. What is left out stays as it was; null forgets it."""

    item_id: ItemId
    category: Category | None | UnsetType = UNSET
    base_price: Annotated[Amount | None | UnsetType, says("its usual price, without a discount")] = UNSET
    price: Annotated[Amount | None | UnsetType, says("what it costs")] = UNSET
    timestamp: Annotated[Time | UnsetType, says("since when it is so; now if left out")] = UNSET


class Items(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /items."""

    items: Batch[Item]


class Kept(msgspec.Struct):
    """How many items were told."""

    items: Count


@endpoint("PUT", "/items", EVENTS, errors=[503])
def items(app: Server, request: Request, body: Items) -> Kept:
    """Keep items current; the past stays as it was."""
    request.rows = len(body.items)
    time = app.online.now()
    entries = [_entry(row, item, time) for row, item in enumerate(body.items)]
    _refuse_contradictions(entries)
    app.online.put(entries)
    return Kept(len(body.items))


def _refuse_contradictions(entries: Sequence[Entry]) -> None:
    """Which of two values of one item at one time came later cannot be known."""
    said: dict[tuple[str, int, str], object] = {}
    problems = []
    for row, entry in enumerate(entries):
        for field in State._fields:
            value = getattr(entry, field)
            if value is not UNSET and said.setdefault((entry.item_id, entry.since, field), value) != value:
                problems.append(Problem(row, field, "is another than before, of this item at this time", "one value"))
    if problems:
        raise invalid(problems)


def _entry(row: int, item: Item, time: int) -> Entry:
    since = time if item.timestamp is UNSET else time_of(item.timestamp, "timestamp", row)
    return Entry(item.item_id, since, item.category, item.base_price, item.price)
