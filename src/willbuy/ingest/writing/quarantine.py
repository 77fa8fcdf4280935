"""The rows that cannot be used, each with its file, line and reason, and the counts of all rows."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from willbuy.database import copy_to_parquet, exactly, query
from willbuy.ingest.errors import IngestError
from willbuy.ingest.judging.faults import UNKNOWN_TYPE
from willbuy.ingest.writing.ledger import Ledger, listed

DUPLICATE = "exact duplicate"
# From this share and this number of rows on, an event type is one that the mapping forgot. Fewer rows are dirt.
FORGOTTEN_SHARE, FORGOTTEN_ROWS = 0.01, 10
BRIEF = 80  # characters of a row that a message shows

TYPES = f"""
SELECT coalesce(ignored || ' (ignored)', CASE WHEN reason = '{UNKNOWN_TYPE}' THEN text || ' (unknown)' END, event_type)
    AS type, count(*)
FROM log_rows WHERE type IS NOT NULL GROUP BY type
"""
QUARANTINE = f"""
SELECT files.name AS file, line, reason, text FROM (
    SELECT file, line, reason, text FROM staged WHERE reason IS NOT NULL
    UNION ALL SELECT file, line, '{DUPLICATE}', NULL FROM read_parquet($repeats)
) JOIN files ON file = files.number
ORDER BY files.number, line, reason, text
"""
FIRST_ROWS = """
SELECT reason, file, line, text FROM read_parquet($quarantine)
QUALIFY row_number() OVER (PARTITION BY reason ORDER BY file, line, text) <= $each ORDER BY reason, file, line, text
"""


def write_quarantine(connection, repeats_path: Path, quarantine_path: Path) -> None:
    """Write the rows with a reason and the exact duplicates, by file and line."""
    copy_to_parquet(connection, QUARANTINE, quarantine_path, {"repeats": repeats_path})


def tally(connection, events_path: Path, quarantine_path: Path, robot_events: int) -> Ledger:
    """Count what became of every row: rows and ignored ones by what was read, the others by what was written."""
    counted = connection.execute(
        "SELECT count(*), count(*) FILTER (from_catalogue AND reason IS NULL), count(DISTINCT file) FROM staged"
    )
    ((rows, catalogue, files),) = counted.fetchall()
    left_out = "FROM log_rows WHERE ignored IS NOT NULL"
    ignored = _counts(connection, f"SELECT ignored, count(*) {left_out} GROUP BY 1 ORDER BY 1")
    if robot_events:
        ignored["(robots)"] = robot_events
    by_reason = "SELECT reason, count(*) FROM read_parquet($path) GROUP BY 1 ORDER BY 2 DESC, 1"
    quarantined = _counts(connection, by_reason, {"path": exactly(quarantine_path)})
    return Ledger(files, rows, pq.read_metadata(events_path).num_rows, quarantined, ignored, catalogue)


def _counts(connection, asked: str, values: dict | None = None) -> dict[str, int]:
    return dict(connection.execute(asked, values).fetchall())


def first_rows(quarantine_path: str | Path, each: int) -> pd.DataFrame:
    """The first `each` rows of each reason, by file and line."""
    return query(FIRST_ROWS, quarantine=quarantine_path, each=each)


def first_of_each(quarantine_path: Path) -> str:
    """The first row of each reason, as one line of text."""
    rows = first_rows(quarantine_path, each=1).fillna("").itertuples()
    return "; ".join(f"{r.reason}: {r.file} line {r.line}" + (f" {r.text[:BRIEF]!r}" if r.text else "") for r in rows)


def require_known_types(connection, mapping_name: str) -> None:
    """Raise IngestError if too many rows to be dirt have an event type that the mapping does not know."""
    unknown = _counts(connection, f"SELECT text, count(*) FROM log_rows WHERE reason = '{UNKNOWN_TYPE}' GROUP BY 1")
    counted = "SELECT count(*), count(event_type) FILTER (reason IS NULL) FROM log_rows"
    ((total, usable),) = connection.execute(counted).fetchall()
    least = max(FORGOTTEN_ROWS, FORGOTTEN_SHARE * total) if usable else 1
    forgotten = {repr(name): count for name, count in unknown.items() if count >= least}
    if forgotten:
        found = {repr(name): count for name, count in _counts(connection, TYPES).items()}
        raise IngestError(
            f"{mapping_name}: {listed(forgotten)} of {total} rows have an event type that the mapping does not know; "
            f"name it in event_types or in ignore. Found: {listed(found)}"
        )
