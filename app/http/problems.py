"""Everything that is wrong with a request, on the path where something is: decoding itself stops at the first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import get_args

import msgspec

from app.http.errors import ApiError
from app.model.rows import DECISION_FIELDS, IDS, LARGEST, MOST_ROWS, OPTIONS, Name, Rows

MOST_A_ROW = 20
ALLOWED = {
    "return_probabilities": "true or false",
    "threshold": "a number from 0 to 1, or null for the model's own",
    "explain": "a whole number from 0 to 1000",
    "return_features": "true or false",
    "features": f"a list of 1 to {MOST_ROWS} rows",
}
ALLOWED_AT = {
    "event_type": "view or add_to_cart",
    "price": "a number from 0 to 1000000000, or null",
    "timestamp": "a time with its zone, like 2024-03-01T12:00:00Z",
}


def report(rows: Rows, body: bytes) -> ApiError:
    """The error that answers `body`, which `rows.decode` refused: 400 if it is no JSON, else 422 with all problems."""
    try:
        request = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        details = [*_option_problems(request), *_features_problems(rows, request.get("features"))]
    except msgspec.ValidationError:
        return ApiError(422, "invalid_request", "the body is JSON, but not an object with features")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return ApiError(400, "broken_json", f"the body is not JSON: {said_of(error)}")
    return ApiError(422, "invalid_request", f"{len(details)} problems; nothing was scored", details)


def _option_problems(request: dict) -> Iterator[dict]:
    for name, raw in request.items():
        if name == "features":
            continue
        if name not in OPTIONS:
            yield problem(None, name, "is not known", f"features, {', '.join(OPTIONS)}")
        elif said := refusal(raw, OPTIONS[name][0]):
            yield problem(None, name, said, ALLOWED[name])


def _features_problems(rows: Rows, raw: msgspec.Raw | None) -> Iterator[dict]:
    types = {**rows.types, **DECISION_FIELDS, **dict.fromkeys(IDS, Name | None)}
    yield from list_problems("features", raw, types, lambda name: _allowed(rows, name))


def list_problems(
    list_name: str,
    raw: msgspec.Raw | None,
    types: Mapping[str, object],
    allowed: Callable[[str], str],
    required: Collection[str] = (),
) -> Iterator[dict]:
    """Everything wrong with a list of rows whose fields have `types`; `allowed` says in words what a field takes."""
    lengths = f"a list of 1 to {MOST_ROWS} rows"
    if raw is None:
        yield problem(None, list_name, "is missing", lengths)
        return
    if said := refusal(raw, list[msgspec.Raw]):
        yield problem(None, list_name, said, lengths)
        return
    found = msgspec.json.decode(raw, type=list[msgspec.Raw])
    if not 1 <= len(found) <= MOST_ROWS:
        yield problem(None, list_name, f"has {len(found)} rows", lengths)
        return
    for number, row in enumerate(found):
        yield from _row_problems(number, row, types, allowed, required)


def _row_problems(number: int, raw: msgspec.Raw, types: Mapping, allowed: Callable, required: Collection[str]):
    if said := refusal(raw, dict[str, msgspec.Raw]):
        yield problem(number, None, said, "an object of names and values")
        return
    row = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    bad = [(name, refusal(value, types[name]) if name in types else "is not known") for name, value in row.items()]
    bad = [(name, said) for name, said in bad if said] + [(n, "is missing") for n in required if n not in row]
    for name, said in bad[:MOST_A_ROW]:
        yield problem(number, name, said, allowed(name))
    if len(bad) > MOST_A_ROW:
        yield problem(number, None, f"has {len(bad) - MOST_A_ROW} more problems", "the names in /model-info")


def refusal(raw: msgspec.Raw, kind: object) -> str:
    """What is wrong with the value, "" if nothing is."""
    try:
        msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return said_of(error)
    return ""


def _allowed(rows: Rows, name: str) -> str:
    if name in IDS:
        return "text of at most 200 characters, or null"
    if name in ALLOWED_AT:
        return f"{ALLOWED_AT[name]}; only in a row without features"
    if name not in rows.types:
        return "user_id, item_id, and the features of /model-info; or event_type, price, timestamp instead of features"
    levels = [level for kind in get_args(rows.types[name]) for level in get_args(kind) if isinstance(level, str)]
    return f"{', '.join(levels)}, or null" if levels else f"a number from {-LARGEST:.7g} to {LARGEST:.7g}, or null"


def problem(row: int | None, field: str | None, said: str, allowed: str) -> dict:
    """One problem as an answer tells it."""
    return {"row": row, "field": field if field is None else field[:200], "problem": said, "allowed": allowed}


def said_of(error: Exception) -> str:
    """What is wrong, in words for whoever sent it."""
    # msgspec ends with where it was, as it sees it; what is told here says so better.
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(" - at `")[0][:300]
