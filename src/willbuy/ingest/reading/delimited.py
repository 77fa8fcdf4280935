"""CSV and other delimited text: a header or names, a delimiter, and the wanted columns."""

from pathlib import Path

from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.blocks import Blocks, header
from willbuy.ingest.reading.records import Records
from willbuy.ingest.reading.relation import RECORDS, Relation, numbered, require


def open_delimited(connection, path: Path, layout: Layout) -> Relation:
    """Open a delimited text file. Raises IngestError where its header lacks a wanted column or has it twice."""
    found = list(layout.names or header(path, layout.delimiter, layout.quote, layout.encoding))
    columns = numbered(layout.wanted())
    require(path, list(columns), found, lambda: _listing(path, layout, found))
    slots = [list(columns).index(name) if name in columns else -1 for name in found]
    records = Records(path, list(columns.values()), slots, layout.delimiter, layout.quote, layout.encoding)
    connection.register(RECORDS, records.reader(skip_header=layout.names is None))
    return Relation(path, f"SELECT * FROM {RECORDS}", columns, records=records)


def _listing(path: Path, layout: Layout, found: list[str]) -> str:
    """The columns, each with its value in the first row."""
    with Blocks(path, layout.encoding) as blocks:
        lines = blocks.read().decode("utf-8", "replace").split("\n", 2)
    first, second, *_ = (line.rstrip("\r") for line in [*lines, ""])
    values = (first if layout.names else second).split(layout.delimiter)
    values += ["no value"] * (len(found) - len(values))
    columns = ", ".join(f"{name!r} (text, {value[:40]!r})" for name, value in zip(found, values, strict=False))
    return columns + _delimiter_hint(first, layout.delimiter)


def _delimiter_hint(first: str, delimiter: str) -> str:
    better = max(",;\t|", key=first.count)
    if first.count(better) <= first.count(delimiter):
        return ""
    return f". The delimiter looks like {better!r}, not {delimiter!r}: set `delimiter`"
