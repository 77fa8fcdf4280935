"""JSON lines: an object on each line, fields inside objects by dots, the entries of a list on request."""

import json
from pathlib import Path

from willbuy.database import literal
from willbuy.ingest.errors import about
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.blocks import Blocks
from willbuy.ingest.reading.records import SHOWN, Records
from willbuy.ingest.reading.relation import RECORDS, Relation, entries, in_entry, numbered, require
from willbuy.schema import EVENTS

SAMPLED = 10_000  # lines that are searched for keys
NESTED = ("object", "list")
NEEDED = [column.name for column in EVENTS.columns if not column.nullable]
NO_OBJECT = "not a JSON object"

OBJECTS = f"""
SELECT line, problem, text, left(line_text, {SHOWN}) AS original,
       CASE WHEN json_type(try_cast(line_text AS JSON)) = 'OBJECT' THEN line_text::JSON END AS object
FROM {RECORDS}
"""


def open_json_lines(connection, path: Path, layout: Layout) -> Relation:
    """Open a file of JSON lines. Raises IngestError for a needed key that no object has, and for a nested value."""
    _require_keys(path, layout)
    columns = numbered(layout.wanted())
    records = Records(path, ["line_text"], [0], None, None, layout.encoding)
    connection.register(RECORDS, records.reader(skip_header=False))
    entry = entries(_get("json_extract", "object", layout.explode, "[*]")) if layout.explode else "NULL"
    fields = "".join(f", {_field(name, layout.explode)} AS {column}" for name, column in columns.items())
    select = f"""
        SELECT line, coalesce(problem, CASE WHEN object IS NULL THEN '{NO_OBJECT}' END) AS problem,
               coalesce(text, CASE WHEN object IS NULL THEN original END) AS text{fields}
        FROM (SELECT *, {entry} AS entry FROM ({OBJECTS}))"""
    return Relation(path, select, columns, records=records)


def _get(function: str, value: str, key: str, suffix: str = "") -> str:
    path = "$" + "".join('."' + part.replace('"', '\\"') + '"' for part in key.split(".")) + suffix
    return f"{function}({value}, {literal(path)})"


def _field(name: str, explode: str | None) -> str:
    inner = in_entry(name, explode)
    return _get("json_extract_string", "object", name) if inner is None else _get("json_extract_string", "entry", inner)


def _require_keys(path: Path, layout: Layout) -> None:
    """Hold the needed columns against the keys of the first objects. Others may be absent: JSON may leave out nulls."""
    kinds = _kinds(path, layout.encoding, layout.explode)
    if not kinds:
        raise about(path, f"none of its first {SAMPLED} lines is a JSON object with anything in it")
    listing = ", ".join(f"{name!r} ({kind})" for name, kind in kinds.items())
    # Each of several alternatives may be absent, so only a column without alternatives is needed.
    needed = [names[0] for ours, names in layout.columns.named().items() if ours in NEEDED and len(names) == 1]
    require(path, needed, list(kinds), lambda: listing)
    if nested := [name for name in layout.wanted() if kinds.get(name) in NESTED]:
        raise about(path, f"{nested} are objects or lists; name a field inside, or `explode` a list. Found: {listing}")


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
