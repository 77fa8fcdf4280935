"""PUT /items: what the shop's items are and cost, from now or from another time on."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, current_app, request
from msgspec import UNSET, UnsetType

from app.access.gate import needs
from app.access.keys import EVENTS
from app.http.bodies import Body, rows_of
from app.http.replies import Json
from app.model.rows import Amount, Time
from app.online.catalogue import Entry, encode
from app.online.decisions import now
from app.views.events import Id
from willbuy.clock import microseconds

Category = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An item from `timestamp` on, now if it does not say. What is left out stays as it was; null forgets it."""

    item_id: Id
    category: Category | None | UnsetType = UNSET
    base_price: Amount | None | UnsetType = UNSET
    price: Amount | None | UnsetType = UNSET
    timestamp: Time | UnsetType = UNSET


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /items."""

    items: rows_of(Item)


ALLOWED = {
    "item_id": "text of 1 to 200 characters",
    "category": "text of 1 to 200 characters, or null",
    "timestamp": "a time with its zone, like 2024-03-01T12:00:00Z",
    **dict.fromkeys(("price", "base_price"), "a number from 0 to 1000000000, or null"),
}
BODY = Body(Request, ALLOWED, "items", Item)

blueprint = Blueprint("items", __name__)


@blueprint.put("/items")
@needs(EVENTS)
def items() -> Json:
    """Keep 1 to 1,000 items current; the past stays as it was."""
    received = request._get_current_object()
    asked = BODY.read(received.json_body())
    received.rows = len(asked.items)
    time = now()
    current_app.online.store.add_items(encode([_entry(item, time) for item in asked.items]))
    return Json({"items": len(asked.items)})


def _entry(item: Item, time: int) -> Entry:
    since = time if item.timestamp is UNSET else microseconds(item.timestamp)
    return Entry(item.item_id, since, item.category, item.base_price, item.price)
