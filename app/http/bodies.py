"""Bodies and queries of declared types: decoded strictly, and everything that is wrong with one told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple, get_type_hints

import msgspec
from msgspec import Meta, Raw, inspect

from app.http import words
from app.http.errors import ApiError, Problem, invalid

MOST_PROBLEMS = 20  # of one object
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
OBJECT = dict[str, Raw]


class Field(NamedTuple):
    """A field of a struct. `alone` is a struct with this field only, as `value`; `rows` has the fields of its rows."""

    alone: type[msgspec.Struct]
    required: bool
    allowed: str
    rows: dict[str, Field] | None


class Body:
    """Reads JSON objects as the struct `kind`. A field of it that is a list of structs holds rows."""

    def __init__(self, kind: type[msgspec.Struct]):
        self.kind, self.decode = kind, msgspec.json.Decoder(kind).decode
        self._fields = fields_of(kind)

    def read(self, body: bytes) -> Any:
        """The object in `body`. Raises ApiError: 400 if it is not JSON, else 422 with all problems."""
        try:
            return self.decode(body)
        except UNREADABLE:
            raise self._refused(body) from None

    def _refused(self, body: bytes) -> ApiError:
        try:
            given = msgspec.json.decode(body, type=OBJECT)
            return invalid([*_problems(None, given, self._fields, _json_refusal), *self._row_problems(given)])
        except msgspec.ValidationError:
            return invalid([], f"the body is JSON, but not an object with {words.names(list(self._fields))}")
        except UNREADABLE as error:
            return ApiError(400, "broken_json", f"the body is not JSON: {_said(error)}")

    def _row_problems(self, given: Mapping[str, Raw]) -> Iterator[Problem]:
        for name, field in self._fields.items():
            if field.rows is None or name not in given or _json_refusal(given[name], field.alone):
                continue
            for number, row in enumerate(msgspec.json.decode(given[name], type=list[Raw])):
                try:
                    values = msgspec.json.decode(row, type=OBJECT)
                except UNREADABLE as error:
                    yield Problem(number, None, _said(error), words.OBJECT)
                else:
                    yield from _problems(number, values, field.rows, _json_refusal)


class Query:
    """Reads the parameters of a URL as the struct `kind`."""

    def __init__(self, kind: type[msgspec.Struct]):
        self.kind, self._fields = kind, fields_of(kind)
        fields = inspect.type_info(kind).fields
        self._times = {
            field.encode_name for field in fields if isinstance(words.bare(field.type), inspect.DateTimeType)
        }

    def read(self, parameters: Iterable[tuple[str, str]]) -> Any:
        """The names and values as the struct. Raises ApiError 422 with all problems."""
        # A plus sign in a URL means a space: "+00:00" comes as " 00:00", after the time of day.
        given = {k: v[:10] + v[10:].replace(" ", "+") if k in self._times else v for k, v in parameters}
        if problems := list(_problems(None, given, self._fields, _text_refusal)):
            raise invalid(problems)
        return msgspec.convert(given, self.kind, strict=False)


def fields_of(kind: type[msgspec.Struct]) -> dict[str, Field]:
    """The fields of a struct, by the names that a request gives them."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.encode_name: _field(field, hints[field.name]) for field in inspect.type_info(kind).fields}


def _field(field: inspect.Field, hint: object) -> Field:
    rows = None
    if row := words.row_of(field.type):
        rows, listed = fields_of(row.cls), words.bare(field.type)
        # Here as a whole; its rows are looked at one by one.
        hint = Annotated[list[Raw], Meta(min_length=listed.min_length, max_length=listed.max_length)]
    return Field(msgspec.defstruct("Alone", [("value", hint)]), field.required, words.takes(field.type), rows)


def _problems(row: int | None, given: Mapping, fields: Mapping[str, Field], refusal: Callable) -> Iterator[Problem]:
    """What is wrong with the object `given`, which is the request's or that of a row."""
    known = words.names(list(fields))
    bad = [(name, refusal(v, fields[name].alone) if name in fields else "is not known") for name, v in given.items()]
    bad = [(name, said) for name, said in bad if said]
    bad += [(name, "is missing") for name, field in fields.items() if field.required and name not in given]
    for name, said in bad[:MOST_PROBLEMS]:
        yield Problem(row, name[:200], said, fields[name].allowed if name in fields else known)
    if len(bad) > MOST_PROBLEMS:
        yield Problem(row, None, f"has {len(bad) - MOST_PROBLEMS} more problems", known)


def _json_refusal(value: Raw, alone: type[msgspec.Struct]) -> str:
    """What is wrong with the value, "" if nothing is."""
    try:
        msgspec.json.decode(b'{"value":%s}' % bytes(value), type=alone)
    except UNREADABLE as error:
        return _said(error)
    return ""


def _text_refusal(value: str, alone: type[msgspec.Struct]) -> str:
    try:
        msgspec.convert({"value": value}, alone, strict=False)
    except msgspec.ValidationError as error:
        return _said(error)
    return ""


def _said(error: Exception) -> str:
    """What is wrong, in words for whoever sent it."""
    # msgspec ends with where it was, as it sees it; the problem says so better.
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(" - at `")[0][:300]
