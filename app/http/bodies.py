"""Bodies and queries of declared types: decoded strictly, and everything that is wrong with one told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Annotated, Any, NamedTuple, get_type_hints

import msgspec
from msgspec import Meta, Raw, inspect

from app.http import repeats, words
from app.http.errors import ApiError, Problem, invalid
from willbuy.repeats import may_repeat

MOST_PROBLEMS = 20  # of one object
MOST_NEAR = 10  # names of one request for which a near one is looked for
UNKNOWN = "is not known"
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
OBJECT = dict[str, Raw]
AN_OBJECT = msgspec.defstruct("Alone", [("value", OBJECT)])


class Field(NamedTuple):
    """A field of a struct. `alone` is a struct with this field only, as `value`; `rows` has the fields of its rows."""

    said: inspect.Field
    alone: type[msgspec.Struct]
    rows: dict[str, Field] | None


class Reader:
    """Reads requests as the struct `kind`. A field of it that is a list of structs holds rows."""

    def __init__(self, kind: type[msgspec.Struct]):
        self.kind, self.decode = kind, msgspec.json.Decoder(kind).decode
        self._fields = _fields(kind)
        bare = {name: words.bare(field.said.type) for name, field in self._fields.items()}
        may_repeat(b"{}")  # compiled before the first request
        self._lists = [name for name, field in self._fields.items() if field.rows is not None]
        self._times = {name for name, kind in bare.items() if isinstance(kind, inspect.DateTimeType)}

    def body(self, body: bytes) -> Any:
        """The JSON object in `body`. Raises ApiError: 400 if it is not JSON, else 422 with all problems."""
        try:
            decoded = self.decode(body)
        except UNREADABLE:
            raise self._refused(body) from None
        if may_repeat(body) and (problems := list(repeats.problems(body, self._lists))):
            raise invalid(problems)
        return decoded

    def query(self, parameters: Iterable[tuple[str, str]]) -> Any:
        """The parameters of a URL. Raises ApiError 422 with all problems."""
        # A plus sign in a URL means a space: "+00:00" comes as " 00:00", after the time of day.
        given = {k: v[:10] + v[10:].replace(" ", "+") if k in self._times else v for k, v in parameters}
        if problems := list(_problems(None, given, self._fields, _convert)):
            raise _with_near_names(invalid(problems), self._fields)
        return msgspec.convert(given, self.kind, strict=False)

    def _refused(self, body: bytes) -> ApiError:
        try:
            given = msgspec.json.decode(body, type=OBJECT)
            found = chain(_problems(None, given, self._fields, _decode), _row_problems(given, self._fields))
            return _with_near_names(invalid(found), self._fields)
        except msgspec.ValidationError:
            return invalid([], f"the body is JSON, but not an object with {words.names(list(self._fields))}")
        except UNREADABLE as error:
            return ApiError(400, "broken_json", f"the body is not JSON: {_said(error)}")


def _fields(kind: type[msgspec.Struct]) -> dict[str, Field]:
    """The fields of a struct, by the names that a request gives them."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.encode_name: _field(field, hints[field.name]) for field in words.fields(kind)}


def _field(field: inspect.Field, hint: object) -> Field:
    row: Any = words.row_of(field.type)
    if row:
        listed: Any = words.bare(field.type)
        # Here as a whole; its rows are looked at one by one.
        hint = Annotated[list[Raw], Meta(min_length=listed.min_length, max_length=listed.max_length)]
    return Field(field, msgspec.defstruct("Alone", [("value", hint)]), _fields(row.cls) if row else None)


def _problems(row: int | None, given: Mapping, fields: Mapping[str, Field], read: Callable) -> Iterator[Problem]:
    """What is wrong with the object `given`, which is the request's or that of a row."""
    known = words.names(list(fields))
    bad = {name: _refusal(read, v, fields[name].alone) if name in fields else UNKNOWN for name, v in given.items()}
    bad |= {name: "is missing" for name, field in fields.items() if field.said.required and name not in given}
    told = [(name, said) for name, said in bad.items() if said]
    for name, said in told[:MOST_PROBLEMS]:
        yield Problem(row, name[:200], said, words.takes(fields[name].said.type) if name in fields else known)
    if len(told) > MOST_PROBLEMS:
        yield Problem(row, None, f"has {len(told) - MOST_PROBLEMS} more problems", known)


def _with_near_names(error: ApiError, fields: Mapping[str, Field]) -> ApiError:
    """The error, with what some of the names that are not known may have been meant to be."""
    rows: list[str] = [name for field in fields.values() for name in field.rows or ()]
    for problem in [each for each in error.details if each.problem == UNKNOWN][:MOST_NEAR]:
        known = list(fields) if problem.row is None else rows
        problem.problem += words.meant(problem.field or "", known)
    return error


def _row_problems(given: Mapping[str, Raw], fields: Mapping[str, Field]) -> Iterator[Problem]:
    for name, field in fields.items():
        if field.rows is None or name not in given or _refusal(_decode, given[name], field.alone):
            continue
        for number, row in enumerate(msgspec.json.decode(given[name], type=list[Raw])):
            if said := _refusal(_decode, row, AN_OBJECT):
                yield Problem(number, None, said, words.OBJECT)
            else:
                yield from _problems(number, msgspec.json.decode(row, type=OBJECT), field.rows, _decode)


def _decode(value: Raw, alone: type[msgspec.Struct]) -> None:
    msgspec.json.decode(b'{"value":%s}' % bytes(value), type=alone)


def _convert(value: str, alone: type[msgspec.Struct]) -> None:
    msgspec.convert({"value": value}, alone, strict=False)


def _refusal(read: Callable[[Any, Any], object], value: object, kind: object) -> str:
    """What is wrong with the value, "" if nothing is."""
    try:
        read(value, kind)
    except UNREADABLE as error:
        return _said(error)
    return ""


def _said(error: Exception) -> str:
    """What is wrong, in words for whoever sent it."""
    # msgspec ends with where it was, as it sees it; the problem says so better.
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(" - at `")[0][:300]
