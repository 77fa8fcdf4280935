"""The tables of docs/api.md and docs/serving.md: endpoints, their bodies, statuses and variables."""

from collections.abc import Iterator

import msgspec

from app import views
from app.http import words
from app.http.endpoint import Endpoint, declared
from app.http.openapi import WHEN
from app.settings import Listening, Settings
from writing.pages import table

COLUMNS = ("takes", "default", "meaning")


def parts() -> dict[str, dict[str, str]]:
    """The tables of each document, by name."""
    endpoints = [endpoint for endpoint in declared(views) if endpoint.listed]
    api = {
        "endpoints": table(("endpoint", "scope", "what it does"), map(_line, endpoints)),
        "fields": "\n\n".join(_section(endpoint, kind) for endpoint in endpoints if (kind := _reads(endpoint))),
        "statuses": table(("status", "when"), ((str(status), when) for status, when in WHEN.items())),
    }
    variables = (line for kind in (Listening, Settings) for line in _fields(kind))
    return {"api.md": api, "serving.md": {"variables": table(("variable", *COLUMNS), variables)}}


def _reads(endpoint: Endpoint) -> type[msgspec.Struct] | None:
    return endpoint.body_of(None) or endpoint.query


def _line(endpoint: Endpoint) -> tuple[str, ...]:
    return f"`{endpoint.method} {endpoint.path}`", f"`{endpoint.scope}`" if endpoint.scope else "", endpoint.summary


def _section(endpoint: Endpoint, kind: type[msgspec.Struct]) -> str:
    return f"`{endpoint.method} {endpoint.path}`:\n\n" + table(("field", *COLUMNS), _fields(kind))


def _fields(kind: type[msgspec.Struct], inside: str = "") -> Iterator[tuple[str, ...]]:
    for field in words.fields(kind):
        default = "required" if field.required else _default(field.default)
        yield f"`{inside}{field.encode_name}`", words.takes(field.type), default, words.meaning(field.type)
        if row := words.row_of(field.type):
            yield from _fields(row.cls, f"{inside}{field.encode_name}[].")


def _default(value: object) -> str:
    empty = value is msgspec.NODEFAULT or value in ("", (), frozenset())
    return "" if empty else f"`{msgspec.json.encode(value, enc_hook=str).decode()}`"
