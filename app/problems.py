"""Everything that is wrong with a request, on the path where something is: decoding itself stops at the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec

from app.errors import ApiError
from app.rows import IDS, LARGEST, MOST_ROWS, OPTIONS, Name, Rows

MOST_A_ROW = 20
ALLOWED = {
    "return_probabilities": "true or false",
    "threshold": "a number from 0 to 1, or null for the model's own",
    "explain": "a whole number from 0 to 1000",
    "features": f"a list of 1 to {MOST_ROWS} rows",
}


def report(rows: Rows, body: bytes) -> ApiError:
    """The error that answers `body`, which `rows.decode` refused: 400 if it is no JSON, else 422 with all problems."""
    try:
        request = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        details = [*_option_problems(request), *_features_problems(rows, request.get("features"))]
    except msgspec.ValidationError:
        return ApiError(422, "invalid_request", "the body is JSON, but not an object with features")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return ApiError(400, "broken_json", f"the body is not JSON: {_say(error)}")
    return ApiError(422, "invalid_request", f"{len(details)} problems; nothing was scored", details)


def _option_problems(request: dict) -> Iterator[dict]:
    for name, raw in request.items():
        if name == "features":
            continue
        if name not in OPTIONS:
            yield _problem(None, name, "is not known", f"features, {', '.join(OPTIONS)}")
        elif said := _refusal(raw, OPTIONS[name][0]):
            yield _problem(None, name, said, ALLOWED[name])


def _features_problems(rows: Rows, raw: msgspec.Raw | None) -> Iterator[dict]:
    if raw is None:
        yield _problem(None, "features", "is missing", ALLOWED["features"])
        return
    if said := _refusal(raw, list[msgspec.Raw]):
        yield _problem(None, "features", said, ALLOWED["features"])
        return
    found = msgspec.json.decode(raw, type=list[msgspec.Raw])
    if not 1 <= len(found) <= MOST_ROWS:
        yield _problem(None, "features", f"has {len(found)} rows", ALLOWED["features"])
        return
    for number, row in enumerate(found):
        yield from _row_problems(rows, number, row)


def _row_problems(rows: Rows, number: int, raw: msgspec.Raw) -> Iterator[dict]:
    if said := _refusal(raw, dict[str, msgspec.Raw]):
        yield _problem(number, None, said, "an object of feature names and values")
        return
    row = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    types = {**rows.types, **dict.fromkeys(IDS, Name | None)}
    bad = [(name, _refusal(value, types[name]) if name in types else "is not known") for name, value in row.items()]
    bad = [(name, said) for name, said in bad if said]
    for name, said in bad[:MOST_A_ROW]:
        yield _problem(number, name, said, _allowed(rows, name))
    if len(bad) > MOST_A_ROW:
        yield _problem(number, None, f"has {len(bad) - MOST_A_ROW} more problems", "the names in /model-info")


def _refusal(raw: msgspec.Raw, kind) -> str:
    """What is wrong with the value, "" if nothing is."""
    try:
        msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _say(error)
    return ""


def _allowed(rows: Rows, name: str) -> str:
    if name in IDS:
        return "text of at most 200 characters, or null"
    if name not in rows.types:
        return "user_id, item_id, and the features of /model-info"
    levels = [level for kind in get_args(rows.types[name]) for level in get_args(kind) if isinstance(level, str)]
    return f"{', '.join(levels)}, or null" if levels else f"a number from {-LARGEST:.7g} to {LARGEST:.7g}, or null"


def _problem(row: int | None, field: str | None, problem: str, allowed: str) -> dict:
    return {"row": row, "field": field if field is None else field[:200], "problem": problem, "allowed": allowed}


def _say(error: Exception) -> str:
    # msgspec ends with where it was, as it sees it; what is told here says so better.
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(" - at `")[0][:300]
