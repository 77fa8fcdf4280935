"""GET /features: what is known of a shopper and an item at a decision point, beside what each number means."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from app.access.keys import PREDICT
from app.http.endpoint import endpoint
from app.http.fields import Amount, DecisionType, ItemId, Time, UserId
from app.http.words import says
from app.model.served import ServedModel
from app.online import decisions
from app.server import Server
from willbuy.clock import at
from willbuy.features.definitions import FEATURES
from willbuy.schema import VIEW


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A decision point."""

    user_id: UserId
    item_id: ItemId
    timestamp: Annotated[Time | UnsetType, says("now if left out")] = msgspec.field(default=UNSET, name="at")
    event_type: DecisionType = VIEW
    price: Annotated[Amount | UnsetType, says("the item's price at that time if left out")] = UNSET


class Value(msgspec.Struct):
    """A feature's value with its definition."""

    name: str
    value: float | str | None
    unit: str
    family: str
    description: str


class Known(msgspec.Struct):
    """All features of a decision point."""

    user_id: UserId
    item_id: ItemId
    at: str
    features: list[Value]
    unknown: decisions.Unknown = UNSET


@endpoint("GET", "/features", PREDICT, errors=[409])
def features(app: Server, query: Asked, model: ServedModel) -> Known:
    """Every feature of a shopper and an item, with its definition."""
    decision = decisions.decision(query, app.online.now(), query.item_id, field="at")
    computed = decisions.features(model, [decision], [None], app.online)
    values = decisions.named(computed[:, 0], app.online)
    (unknown,) = decisions.unknown(computed, [query.item_id], app.online)
    described = [Value(f.name, values[f.name], f.unit, f.family, f.description) for f in FEATURES]
    return Known(query.user_id, query.item_id, at(decision.time).isoformat(), described, unknown or UNSET)
