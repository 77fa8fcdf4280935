"""The part of the OpenAPI document about the store: events, items, decision points, rankings."""

from __future__ import annotations

from app.model.rows import MOST_ROWS
from willbuy.schema import DECISION_TYPES, EVENT_TYPES

OBJECT, ARRAY = "object", "array"
ID = {"type": "string", "minLength": 1, "maxLength": 200}
MAYBE_ID = {**ID, "type": ["string", "null"]}
AMOUNT = {"type": ["number", "null"], "minimum": 0, "maximum": 1e9}
COUNT = {"type": "integer", "minimum": 0}
# Seconds stop at 59, and a time says its zone.
TIME = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
    "examples": ["2024-03-01T12:00:00Z"],
}
DECISION = {"enum": list(DECISION_TYPES), "default": DECISION_TYPES[0]}
EVENT = {
    "user_id": ID,
    "item_id": ID,
    "event_type": {"enum": list(EVENT_TYPES)},
    "timestamp": TIME,
    "price": {**AMOUNT, "description": "what the item cost then"},
    "duration_seconds": {**AMOUNT, "description": "how long the visitor stayed on it"},
    "event_id": {**MAYBE_ID, "description": "tells an event from others of the same content"},
}
ITEM = {
    "item_id": ID,
    "category": MAYBE_ID,
    "base_price": AMOUNT,
    "price": AMOUNT,
    "timestamp": {**TIME, "description": "since when it is so; now if left out"},
}
RANKING = {
    "user_id": ID,
    "items": {"type": ARRAY, "minItems": 1, "maxItems": MOST_ROWS, "items": ID},
    "top": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 10},
    "event_type": DECISION,
    "timestamp": {**TIME, "description": "now if left out"},
}
DECISION_ROW = {
    "user_id": ID,
    "item_id": ID,
    "event_type": DECISION,
    "price": {**AMOUNT, "description": "the item's price at that time if left out"},
    "timestamp": {**TIME, "description": "now if left out"},
}
EXAMPLE_EVENT = {
    "user_id": "user_000042",
    "item_id": "item_000007",
    "event_type": "view",
    "timestamp": "2024-03-01T12:00:00Z",
    "price": 79.99,
    "duration_seconds": 21.5,
}


def decision() -> dict:
    """A row of /predict that brings no features."""
    return closed(DECISION_ROW, "user_id", "item_id") | {"description": "Features come from the store."}


def paths() -> dict:
    """Path, method, what it needs and answers, for openapi.py to complete."""
    return {
        "/events": ("post", "events", "Take events, each once", "events", _list("events", _event()), _events_answer()),
        "/items": ("put", "items", "Keep items current", "events", _list("items", _item()), _answer({"items": COUNT})),
        "/rank": ("post", "rank", "The likeliest buys", "predict", _ranking(), _ranked()),
    }


def query() -> list[dict]:
    """The parameters of /features."""
    kinds = {"user_id": ID, "item_id": ID, "at": TIME, "event_type": DECISION, "price": {**AMOUNT, "type": "number"}}
    return [
        {"name": name, "in": "query", "required": name in ("user_id", "item_id"), "schema": kind}
        for name, kind in kinds.items()
    ]


def features_answer() -> dict:
    """What /features answers."""
    text = {"type": "string"}
    value = {"type": ["number", "string", "null"]}
    one = {"name": text, "value": value, "unit": text, "family": text, "description": text}
    features = {"type": ARRAY, "items": {"type": OBJECT, "properties": one}}
    return _answer({"user_id": ID, "item_id": ID, "at": text, "features": features})


def closed(properties: dict, *required: str) -> dict:
    """An object of these properties and no others."""
    return {"type": OBJECT, "properties": properties, "required": list(required), "additionalProperties": False}


def _answer(properties: dict) -> dict:
    return {"type": OBJECT, "properties": properties, "required": list(properties)}


def _events_answer() -> dict:
    told = "from before what the store keeps of that user: known to no count"
    return _answer({"accepted": COUNT, "duplicates": COUNT, "too_old": {**COUNT, "description": told}})


def _list(name: str, row: tuple[dict, dict]) -> tuple[dict, dict]:
    schema, example = row
    rows = {"type": ARRAY, "minItems": 1, "maxItems": MOST_ROWS, "items": schema}
    return closed({name: rows}, name), {name: [example]}


def _event() -> tuple[dict, dict]:
    return closed(EVENT, "user_id", "item_id", "event_type", "timestamp"), EXAMPLE_EVENT


def _item() -> tuple[dict, dict]:
    example = {"item_id": "item_000007", "category": "Electronics", "base_price": 99.99, "price": 79.99}
    return closed(ITEM, "item_id"), example


def _ranking() -> tuple[dict, dict]:
    example = {"user_id": "user_000042", "items": ["item_000007", "item_000008"], "top": 1}
    return closed(RANKING, "user_id", "items"), example


def _ranked() -> dict:
    one = {"item_id": ID, "probability": {"type": "number", "minimum": 0, "maximum": 1}}
    items = {"type": ARRAY, "items": _answer(one)}
    return _answer({"user_id": ID, "items": items, "model_version": {"type": "string"}})
