"""GET /features: what is known of a shopper and an item at a decision point, beside what each number means."""

from __future__ import annotations

import msgspec
from flask import Blueprint, current_app, request
from msgspec import UNSET, UnsetType

from app.access.gate import needs
from app.access.keys import PREDICT
from app.http.errors import ApiError
from app.http.problems import problem
from app.http.replies import Json
from app.model.rows import DECISION_FIELDS, Amount, Time
from app.online import decisions
from app.views.events import Id
from app.views.predict import champion
from willbuy.clock import at as time_at
from willbuy.features.definitions import FEATURES
from willbuy.schema import DECISION_TYPES

ALLOWED = {
    "user_id": "text of 1 to 200 characters",
    "item_id": "text of 1 to 200 characters",
    "at": "a time with its zone, like 2024-03-01T12:00:00Z",
    "event_type": ", ".join(DECISION_TYPES),
    "price": "a number from 0 to 1000000000",
}
TYPES = {"user_id": Id, "item_id": Id, "at": Time, "event_type": DECISION_FIELDS["event_type"], "price": Amount}


class Query(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked; `timestamp` is the query's `at`."""

    user_id: Id
    item_id: Id
    timestamp: Time | UnsetType = msgspec.field(default=UNSET, name="at")
    event_type: str = DECISION_TYPES[0]
    price: Amount | UnsetType = UNSET


blueprint = Blueprint("features", __name__)


@blueprint.get("/features")
@needs(PREDICT)
def features() -> Json:
    """Every feature with its value, unit, family and definition."""
    query = _query()
    decision = decisions.decision(query, decisions.now(), query.item_id)
    online = current_app.online
    values = decisions.named(decisions.features(champion(current_app), [decision], [None], online)[:, 0], online)
    described = [
        {"name": f.name, "value": values[f.name], "unit": f.unit, "family": f.family, "description": f.description}
        for f in FEATURES
    ]
    at = time_at(decision.time)
    body = {"user_id": query.user_id, "item_id": query.item_id, "at": at, "features": described}
    return Json(body)


def _query() -> Query:
    # A plus sign in a query means a space: "+00:00" comes as " 00:00", after the time of day.
    given = {name: v[:10] + v[10:].replace(" ", "+") if name == "at" else v for name, v in request.args.items()}
    details = [problem(None, name, "is missing", ALLOWED[name]) for name in ("user_id", "item_id") if name not in given]
    details += list(filter(None, (_refused(name, value) for name, value in given.items())))
    if details:
        raise ApiError(422, "invalid_request", f"{len(details)} problems in the query", details)
    return msgspec.convert(given, Query, strict=False)


def _refused(name: str, value: str) -> dict | None:
    if name not in TYPES:
        return problem(None, name, "is not known", ", ".join(TYPES))
    try:
        # "nan" is a number to the converter, but to nobody who asks.
        number = msgspec.convert(value, TYPES[name], strict=False)
        said = "is not a number" if number != number else ""
    except msgspec.ValidationError as error:
        said = str(error)
    return problem(None, name, said, ALLOWED[name]) if said else None
