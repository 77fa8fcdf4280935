"""The rows that cannot be used, each with its file, line and reason, and the counts of all rows."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from willbuy.database import copy_to_parquet, exactly, query
from willbuy.ingest.writing.by_file import by_file
from willbuy.ingest.writing.ledger import Ledger, Remark

DUPLICATE = "exact duplicate"
BRIEF = 80  # characters of a row that a message shows

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

REMARKS = """
SELECT remark.reason, files.name, line, remark.text, count(*) OVER (PARTITION BY remark.reason) AS count
FROM (SELECT file, line, unnest(remarks) AS remark FROM staged WHERE remarks IS NOT NULL)
JOIN files ON file = files.number
QUALIFY row_number() OVER (PARTITION BY remark.reason ORDER BY file, line, remark.text) <= $each
ORDER BY count DESC, remark.reason, file, line, remark.text
"""
EXAMPLES = 3  # rows of each kind of remark that the ledger keeps


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
    events = pq.read_metadata(events_path).num_rows
    return Ledger(
        files,
        rows,
        events,
        quarantined,
        ignored,
        catalogue,
        remarks(connection),
        by_file=by_file(connection, quarantine_path),
    )


def remarks(connection) -> tuple[Remark, ...]:
    """What is odd about rows that are used: the first rows of each kind, with the number of all of its kind."""
    return tuple(Remark(*found) for found in connection.execute(REMARKS, {"each": EXAMPLES}).fetchall())


def _counts(connection, asked: str, values: dict | None = None) -> dict[str, int]:
    return dict(connection.execute(asked, values).fetchall())


def first_rows(quarantine_path: str | Path, each: int) -> pd.DataFrame:
    """The first `each` rows of each reason, by file and line."""
    return query(FIRST_ROWS, quarantine=quarantine_path, each=each).astype({"line": "Int64"})


def first_of_each(quarantine_path: Path) -> str:
    """The first row of each reason, as one line of text."""
    return "; ".join(map(_told, first_rows(quarantine_path, each=1).itertuples()))


def _told(row) -> str:
    line = "" if pd.isna(row.line) else f" line {row.line}"
    return f"{row.reason}: {row.file}{line}" + (f" {row.text[:BRIEF]!r}" if isinstance(row.text, str) else "")
