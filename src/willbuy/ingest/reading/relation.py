"""One file of a log as a DuckDB relation: a row for each record, with its line, its problem and the wanted columns.

For every file type the relation has the columns `line` (from 1; in Parquet the row), `problem`, `text`, and the wanted
columns, as text, except for Parquet's own times.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from willbuy.ingest.errors import IngestError, about
from willbuy.ingest.reading.records import Records

# Whitespace of ASCII, no-break spaces and a byte order mark.
SPACE = r"[\s\x{A0}\x{202F}\x{FEFF}]+"


@dataclass
class Relation:
    """A file opened for reading: `select` is the relation, `columns` maps the file's names to SQL over it.

    `times` names those that are times already, `local` says that these have no zone. `typed` has, for each that may
    hold numbers which are no texts, SQL that says whether a row's is one. `lacks` are wanted columns that the file does
    not have, null in every row, `listing` says which it has, `unused` which of these nothing names. `records` count
    what was read of text files. `file` is SQL for the number of a row's file, if there are several, and `row_text` for
    what shows a row that has no line.
    """

    path: Path
    select: str
    columns: dict[str, str]
    times: set[str] = field(default_factory=set)
    local: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    lacks: list[str] = field(default_factory=list)
    listing: Callable[[], str] = str
    records: tuple[Records, ...] = ()
    unused: list[str] = field(default_factory=list)
    number: int = 0
    file: str | None = None
    row_text: str | None = None


def advice(error: duckdb.Error) -> str:
    """What DuckDB says, without its position marks and stack, and what to do about it."""
    said = str(error).strip().partition("\n")[0]
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"memory_limit is too small; raise it ({said})"
    return said


def numbered(wanted: list[str]) -> dict[str, str]:
    """The names of the wanted columns inside the relation."""
    return {name: f"c{i}" for i, name in enumerate(wanted)}


def entries(of: str) -> str:
    """SQL that gives each entry of the list `of` a row. An empty list keeps one row: every record is counted."""
    return f"unnest(CASE WHEN len({of}) > 0 THEN {of} ELSE [NULL] END)"


def in_entry(name: str, explode: str | None) -> str | None:
    """The name of a column inside the entries of the list `explode`; None for a column outside of it."""
    return name.removeprefix(f"{explode}.") if explode and name.startswith(f"{explode}.") else None


def stripped(text: str) -> str:
    """SQL for a text without whitespace around it."""
    some = f"regexp_matches({text}, '^{SPACE}|{SPACE}$')"
    return f"CASE WHEN {some} THEN regexp_replace({text}, '^{SPACE}|{SPACE}$', '', 'g') ELSE {text} END"


def absent(path: Path, names: list[str], listing: str) -> IngestError:
    """The error about columns that the file at `path` does not have; `listing` says which it has."""
    return about(path, f"the mapping names the columns {names}, which the file does not have. Found: {listing}")


def require_once(path: Path, wanted: list[str], found: list[str], listing: Callable[[], str]) -> None:
    """Raise IngestError for wanted columns that are found twice; `listing` says which columns exist."""
    if twice := sorted({name for name in wanted if found.count(name) > 1}):
        raise about(path, f"the columns {twice} occur more than once, so the mapping is unclear. Found: {listing()}")
