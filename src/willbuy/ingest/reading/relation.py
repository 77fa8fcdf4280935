"""One file of a log as a DuckDB relation: a row a record, with its line, what is wrong with it, and the wanted columns.

Whatever the file is, the relation has the columns `line` (from 1; of Parquet, the row), `problem`, `text` and one
`c0`, `c1`, … for each wanted column, as text but for Parquet's own times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from willbuy.ingest.errors import at
from willbuy.ingest.reading.records import Records

RECORDS = "records"


@dataclass
class Relation:
    """A file opened for reading: `select` is the relation, `columns` maps the log's names to c0, c1, …

    `times` are those of c0, c1, … that are times already; `records` counts what was read, of a text file.
    """

    path: Path
    select: str
    columns: dict[str, str]
    times: set[str] = field(default_factory=set)
    records: Records | None = None


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def advice(error: duckdb.Error) -> str:
    """What DuckDB says, without its position marks and stack, and what to do about it."""
    said = str(error).strip().partition("\n")[0]
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"memory_limit is too small; raise it ({said})"
    return said


def numbered(wanted: list[str]) -> dict[str, str]:
    """The wanted columns' names inside the relation."""
    return {name: f"c{i}" for i, name in enumerate(wanted)}


def require(path: Path, wanted: list[str], found: list[str], listing: Callable[[], str]) -> None:
    """Raise IngestError for wanted columns that are not found, or found twice; `listing` says what is there."""
    absent = [name for name in wanted if name not in found]
    if absent:
        raise at(path, f"the mapping names the columns {absent}, which the file does not have. Found: {listing()}")
    twice = sorted({name for name in wanted if found.count(name) > 1})
    if twice:
        raise at(path, f"the columns {twice} occur more than once, so which is meant is unclear. Found: {listing()}")
