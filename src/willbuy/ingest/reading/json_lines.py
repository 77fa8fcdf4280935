"""JSON lines as a source: an object a line, fields inside objects by dots, a list taken apart on request."""

from __future__ import annotations

import json
from pathlib import Path

from willbuy.ingest.errors import at
from willbuy.ingest.mapping.layout import Catalogue, Layout
from willbuy.ingest.reading.blocks import Blocks
from willbuy.ingest.reading.records import SHOWN, Records
from willbuy.ingest.reading.relation import RECORDS, Relation, literal, numbered, require

SAMPLED = 10_000  # lines that are looked at for their keys
NESTED = ("object", "list")
NEEDED = ("user_id", "item_id", "timestamp", "event_type")

OBJECTS = f"""
SELECT line, problem, text, left(line_text, {SHOWN}) AS original,
       CASE WHEN json_type(try_cast(line_text AS JSON)) = 'OBJECT' THEN line_text::JSON END AS object
FROM {RECORDS}
"""


def open_json_lines(connection, path: Path, layout: Layout | Catalogue, wanted: list[str]) -> Relation:
    """Open a file of JSON lines. Raises IngestError where no object has a needed key, or it holds an object or list."""
    explode = getattr(layout, "explode", None)
    _require_keys(path, layout, wanted, explode)
    columns = numbered(wanted)
    records = Records(path, ["line_text"], [0], None, None, layout.encoding)
    connection.register(RECORDS, records.reader(skip_header=False))
    fields = "".join(f", {_field(name, explode)} AS {column}" for name, column in columns.items())
    select = f"""
        SELECT line, coalesce(problem, CASE WHEN object IS NULL THEN 'not a JSON object' END) AS problem,
               coalesce(text, CASE WHEN object IS NULL THEN original END) AS text{fields}
        FROM (SELECT *, {_element(explode)} AS element FROM ({OBJECTS}))"""
    return Relation(path, select, columns, records=records)


def _element(explode: str | None) -> str:
    if explode is None:
        return "NULL"
    entries = _at("json_extract", "object", explode, "[*]")
    # An object whose list is empty keeps one row: nothing vanishes before it is counted.
    return f"unnest(CASE WHEN len({entries}) > 0 THEN {entries} ELSE [NULL] END)"


def _at(function: str, value: str, key: str, suffix: str = "") -> str:
    path = "$" + "".join('."' + part.replace('"', '\\"') + '"' for part in key.split(".")) + suffix
    return f"{function}({value}, {literal(path)})"


def _field(name: str, explode: str | None) -> str:
    if explode and name.startswith(f"{explode}."):
        return _at("json_extract_string", "element", name.removeprefix(f"{explode}."))
    return _at("json_extract_string", "object", name)


def _require_keys(path: Path, layout: Layout | Catalogue, wanted: list[str], explode: str | None) -> None:
    """Hold the needed columns against the first objects' keys. Others may be absent: JSON leaves out what is null."""
    kinds = _kinds(path, layout.encoding, explode)
    if not kinds:
        raise at(path, f"none of its first {SAMPLED} lines is a JSON object with anything in it")
    listing = ", ".join(f"{name!r} ({kind})" for name, kind in kinds.items())
    # Of several alternatives each may be absent, so only a column without one is needed.
    needed = [names[0] for ours, names in layout.columns.named().items() if ours in NEEDED and len(names) == 1]
    require(path, needed, list(kinds), lambda: listing)
    nested = [name for name in wanted if kinds.get(name) in NESTED]
    if nested:
        raise at(path, f"{nested} are objects or lists; name a field inside, or `explode` a list. Found: {listing}")


def _kinds(path: Path, encoding: str, explode: str | None) -> dict[str, str]:
    """Every key of the first objects, nested ones with dots, and what kind of value it holds."""
    kinds: dict[str, str] = {}
    with Blocks(path, encoding) as blocks:
        for line in blocks.read().split(b"\n")[:SAMPLED]:
            _collect(_parsed(line), "", kinds, explode)
    return kinds


def _parsed(line: bytes):
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _collect(value, prefix: str, kinds: dict[str, str], explode: str | None) -> None:
    for key, inner in value.items() if isinstance(value, dict) else ():
        name = prefix + key
        for element in inner if name == explode and isinstance(inner, list) else [inner]:
            _collect(element, name + ".", kinds, explode)
        if inner is not None and kinds.get(name) not in NESTED:
            kinds[name] = {dict: "object", list: "list", str: "text", bool: "true or false"}.get(type(inner), "number")
