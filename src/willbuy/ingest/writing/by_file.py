"""What became of the rows of each file."""

from pathlib import Path

from willbuy.database import exactly
from willbuy.ingest.writing.ledger import FileRows

# Exact duplicates are in the quarantine, but bear no reason where they are staged.
BY_FILE = """
WITH reasons AS (
    SELECT file AS name, sum(rows)::BIGINT AS quarantined,
        string_agg(reason || ' ' || rows, ', ' ORDER BY rows DESC, reason) AS reasons
    FROM (SELECT file, reason, count(*) AS rows FROM read_parquet($path) GROUP BY ALL) GROUP BY file
),
counted AS (
    SELECT file, count(*) AS rows, count(*) FILTER (used AND NOT from_catalogue) AS used, count(reason) AS reasoned,
        count(ignored) AS ignored, min(timestamp) FILTER (used) AS first, max(timestamp) FILTER (used) AS last
    FROM (SELECT *, ignored IS NULL AND reason IS NULL AS used FROM staged) GROUP BY file
)
SELECT files.name AS file, rows, used + reasoned - coalesce(quarantined, 0) AS events, ignored,
    coalesce(quarantined, 0) AS quarantined, first, last, coalesce(reasons, '') AS reasons
FROM counted JOIN files ON counted.file = files.number LEFT JOIN reasons ON reasons.name = files.name
ORDER BY files.number
"""


def by_file(connection, quarantine_path: Path) -> tuple[FileRows, ...]:
    """The rows of each file that was staged, in the order of the log."""
    told = connection.sql(BY_FILE, params={"path": exactly(quarantine_path)}).to_arrow_table()
    return tuple(FileRows(**row) for row in told.to_pylist())
