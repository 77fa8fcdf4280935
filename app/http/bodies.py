"""Bodies of fixed shape: decoded strictly, and everything that is wrong with one told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, get_type_hints

import msgspec
from msgspec import UnsetType

from app.http.errors import ApiError
from app.http.problems import list_problems, problem, refusal, said_of
from app.model.rows import MOST_ROWS


class Body:
    """An object of type `kind`; its field `rows` is a list of `row` objects. `allowed` says what each field takes."""

    def __init__(self, kind: type[msgspec.Struct], allowed: Mapping[str, str], rows: str = "", row: type | None = None):
        self._allowed, self._list = allowed, rows
        self._types, self._required = _fields(kind)
        self._row_types, self._row_required = _fields(row) if row else ({}, [])
        self._decode = msgspec.json.Decoder(kind).decode

    def read(self, body: bytes):
        """The object in `body`. Raises ApiError: 400 if it is no JSON, else 422 with all problems."""
        try:
            return self._decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise self._report(body) from None

    def _report(self, body: bytes) -> ApiError:
        try:
            fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            details = list(self._problems(fields))
        except msgspec.ValidationError:
            names = ", ".join(self._types)
            return ApiError(422, "invalid_request", f"the body is JSON, but not an object with {names}")
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            return ApiError(400, "broken_json", f"the body is not JSON: {said_of(error)}")
        return ApiError(422, "invalid_request", f"{len(details)} problems; nothing was done", details)

    def _problems(self, fields: Mapping[str, msgspec.Raw]) -> Iterator[dict]:
        for name in self._required:
            if name not in fields and name != self._list:
                yield problem(None, name, "is missing", self._says(name))
        for name, raw in fields.items():
            if name not in self._types:
                yield problem(None, name, "is not known", ", ".join(self._types))
            elif name != self._list and (said := refusal(raw, self._types[name])):
                yield problem(None, name, said, self._says(name))
        if self._list:
            raw = fields.get(self._list)
            yield from list_problems(self._list, raw, self._row_types, self._says, self._row_required)

    def _says(self, name: str) -> str:
        return self._allowed.get(name, ", ".join(self._row_types or self._types))


def rows_of(row: type) -> object:
    """The type of a list of 1 to MOST_ROWS objects of type `row`."""
    return Annotated[list[row], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]


def _fields(kind: type[msgspec.Struct]) -> tuple[dict[str, object], list[str]]:
    """The types of the fields, and which must be there."""
    hints = get_type_hints(kind, include_extras=True)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required]
    return {name: _without_unset(hint) for name, hint in hints.items()}, required


def _without_unset(hint):
    kinds = [kind for kind in getattr(hint, "__args__", ()) if kind is not UnsetType]
    if UnsetType not in getattr(hint, "__args__", ()):
        return hint
    union = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    return union
