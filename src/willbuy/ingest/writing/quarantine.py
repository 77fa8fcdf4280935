"""The rows that could not be used, each with its file, its line and the reason; and the counts of all that was read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from willbuy.database import copy_to_parquet
from willbuy.ingest.errors import IngestError
from willbuy.ingest.judging.events import UNKNOWN_TYPE
from willbuy.ingest.reading.relation import literal
from willbuy.ingest.writing.ledger import Ledger
from willbuy.ingest.writing.tables import DUPLICATE, count_rows

# An event type that the mapping leaves out is a slip of the mapping from this share and this number of rows on;
# below, it is dirt in the log.
FORGOTTEN_SHARE, FORGOTTEN_ROWS = 0.01, 10
EXAMPLE = 80  # characters of a row shown in a message

TYPES = f"""
SELECT coalesce(ignored || ' (ignored)', CASE WHEN reason = '{UNKNOWN_TYPE}' THEN text || ' (unknown)' END, event_type)
    AS type, count(*)
FROM rows WHERE NOT from_catalogue AND type IS NOT NULL GROUP BY type
"""
QUARANTINE = f"""
SELECT files.name AS file, line, reason, text FROM (
    SELECT file, line, reason, text FROM rows WHERE reason IS NOT NULL
    UNION ALL SELECT file, line, '{DUPLICATE}', NULL FROM read_parquet($repeats)
) JOIN files ON file = files.number
ORDER BY files.number, line, reason, text
"""


def gather_rows(connection, staged: str, catalogue: str | None, names: list[str]) -> None:
    """Make the view `rows` (of log and item files) and the table `files` (number, name) for what follows."""
    rows = f"SELECT file, line, reason, text, ignored, event_type, false AS from_catalogue FROM {_parquet(staged)}"
    if catalogue:
        rows += f" UNION ALL SELECT file, line, reason, text, NULL, NULL, true FROM {_parquet(catalogue)}"
    connection.execute(f"CREATE TEMP VIEW rows AS {rows}")
    connection.register("files", pa.table({"number": range(len(names)), "name": names}))


def _parquet(path: str | Path) -> str:
    return f"read_parquet({literal(str(path))})"


def write_quarantine(connection, repeats_path: Path, quarantine_path: Path) -> None:
    """Write the rows with a reason and the exact duplicates, by file and line."""
    copy_to_parquet(connection, QUARANTINE, quarantine_path, {"repeats": str(repeats_path)})


def tally(connection, events_path: Path, quarantine_path: Path, robot_events: int) -> Ledger:
    """Count what became of every row: rows and ignored ones by what was read, the others by what was written."""
    counted = connection.execute(
        "SELECT count(*), count(*) FILTER (from_catalogue AND reason IS NULL), count(DISTINCT file) FROM rows"
    )
    ((rows, catalogue, files),) = counted.fetchall()
    ignored = _counts(connection, "SELECT ignored, count(*) FROM rows WHERE ignored IS NOT NULL GROUP BY 1 ORDER BY 1")
    if robot_events:
        ignored["(robots)"] = robot_events
    quarantined = _counts(
        connection, f"SELECT reason, count(*) FROM {_parquet(quarantine_path)} GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return Ledger(files, rows, count_rows(connection, events_path), quarantined, ignored, catalogue)


def _counts(connection, query: str) -> dict[str, int]:
    return dict(connection.execute(query).fetchall())


def examples(connection, quarantine_path: Path) -> str:
    """The first row of each reason, as one line of text."""
    query = f"""SELECT DISTINCT ON (reason) file, line, reason, left(text, {EXAMPLE})
        FROM {_parquet(quarantine_path)} ORDER BY reason, file, line"""
    found = connection.execute(query).fetchall()
    shown = [f"{reason}: {file} line {line}" + (f" {text!r}" if text else "") for file, line, reason, text in found]
    return "First of each: " + "; ".join(shown)


def require_known_types(connection, mapping_name: str) -> None:
    """Raise IngestError where rows of an event type that the mapping does not know are too many to be dirt."""
    unknown = _counts(connection, f"SELECT text, count(*) FROM rows WHERE reason = '{UNKNOWN_TYPE}' GROUP BY 1")
    counted = "SELECT count(*), count(event_type) FILTER (reason IS NULL) FROM rows WHERE NOT from_catalogue"
    ((total, usable),) = connection.execute(counted).fetchall()
    least = max(FORGOTTEN_ROWS, FORGOTTEN_SHARE * total) if usable else 1
    forgotten = {name: count for name, count in unknown.items() if count >= least}
    if forgotten:
        raise IngestError(
            f"{mapping_name}: {_listed(forgotten)} of {total} rows have an event type that the mapping does not know; "
            f"name it in event_types or in ignore. Found: {_listed(_counts(connection, TYPES))}"
        )


def _listed(counts: dict[str, int]) -> str:
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name!r} {count}" for name, count in common[:50])
