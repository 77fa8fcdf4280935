"""Which keys the objects of JSON lines have: asked only where no row of them could be used."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from willbuy.ingest.errors import about
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.blocks import Blocks
from willbuy.ingest.reading.relation import absent
from willbuy.schema import EVENTS

NEEDED = [column.name for column in EVENTS.columns if not column.nullable]
NESTED = ("object", "list")


def require_keys(paths: Sequence[Path], layout: Layout) -> None:
    """Raise IngestError if no object of the files has a key that every event needs, or if that key is no value."""
    kinds = _kinds(paths, layout)
    if not kinds:
        raise about(paths[0], "none of its lines is a JSON object with anything in it")
    listing = ", ".join(f"{name!r} ({kind})" for name, kind in kinds.items())
    # Each of several alternatives may be absent, so only a column without alternatives is needed.
    needed = [names[0] for ours, names in layout.columns.named().items() if ours in NEEDED and len(names) == 1]
    if layout.explode and kinds.get(layout.explode, "list") != "list":
        said = f"`explode` needs a list, and {layout.explode!r} is {kinds[layout.explode]}. Found: {listing}"
        raise about(paths[0], said)
    if layout.explode and layout.explode not in kinds:
        raise absent(paths[0], [layout.explode], listing)
    if missing := [name for name in needed if name not in kinds]:
        raise absent(paths[0], missing, listing)
    if nested := [name for name in needed if kinds[name] in NESTED]:
        raise about(
            paths[0], f"{nested} are objects or lists; name a field inside, or `explode` a list. Found: {listing}"
        )


def _kinds(paths: Sequence[Path], layout: Layout) -> dict[str, str]:
    """Every key of the objects, nested ones with dots, and what kind of value it holds."""
    kinds: dict[str, str] = {}
    for path in paths:
        for line in _lines(path, layout.encoding):
            _collect(_parsed(line), "", kinds, layout.explode)
    return kinds


def _lines(path: Path, encoding: str) -> Iterator[bytes]:
    rest = b""
    with Blocks(path, encoding) as blocks:
        while block := blocks.read():
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
    yield rest


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
