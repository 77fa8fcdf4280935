"""CSV and other delimited text: a header or names, a delimiter, and the wanted columns."""

from pathlib import Path

from willbuy.database import literal
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.blocks import Blocks, header
from willbuy.ingest.reading.records import SHOWN, Records
from willbuy.ingest.reading.relation import Relation, numbered, require_once

HEADER, OTHER_HEADER = "header line again", "header line with the columns in another order"


def open_delimited(connection, path: Path, layout: Layout, name: str) -> Relation:
    """Open a delimited text file; columns that its header lacks are null.

    Raises IngestError where it has a wanted column twice.
    """
    found = list(layout.names or header(path, layout.delimiter, layout.quote, layout.encoding))
    wanted = numbered(layout.wanted())
    require_once(path, list(wanted), found, lambda: _listing(path, layout, found))
    read = [column for theirs, column in wanted.items() if theirs in found]
    slots = [read.index(wanted[theirs]) if theirs in wanted else -1 for theirs in found]
    whole = layout.last_line == "whole"
    records = Records(path, read, slots, layout.delimiter, layout.quote, layout.encoding, whole)
    connection.register(name, records.reader(skip_header=layout.names is None))
    columns = {theirs: column if column in read else "NULL::VARCHAR" for theirs, column in wanted.items()}
    select = without_headers(name, columns, found) if read else f"FROM {name}"
    return Relation(
        path,
        select,
        columns,
        records=(records,),
        unused=[theirs for theirs in found if theirs not in wanted],
        lacks=[theirs for theirs in wanted if theirs not in found],
        listing=lambda: _listing(path, layout, found),
    )


def without_headers(name: str, columns: dict[str, str], found: list[str]) -> str:
    """SQL in which headers in the middle of a file, as of files that were strung together, are problems."""
    present = {theirs: column for theirs, column in columns.items() if theirs in found}
    first, *others = present.values()
    names = ", ".join(map(literal, found))
    every = " AND ".join(f"{column} IN ({names})" for column in others) or "true"
    same = " AND ".join(f"{column} = {literal(theirs)}" for theirs, column in present.items())
    row = " || ' ' || ".join(present.values())
    return f"""
        SELECT * EXCLUDE header REPLACE (
            CASE WHEN header AND {same} THEN '{HEADER}' WHEN header THEN '{OTHER_HEADER}' ELSE problem END AS problem,
            CASE WHEN header THEN left({row}, {SHOWN}) ELSE text END AS text)
        FROM (SELECT *, CASE WHEN {first} IN ({names}) THEN {every} ELSE false END AS header FROM {name})"""


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
