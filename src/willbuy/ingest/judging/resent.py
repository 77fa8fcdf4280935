"""Events that were sent again: they bear the id of an earlier one, whatever else has changed on the way."""

from pathlib import Path

from willbuy.database import copy_to_parquet, exactly, literal

RESENT = "event sent again"
# An id may be one of a whole order, so the same item and type belong to it; and it may be unique to its user alone.
MARKED = f"""
SELECT * EXCLUDE again REPLACE (
    CASE WHEN again THEN '{RESENT}' ELSE reason END AS reason, CASE WHEN again THEN event_id ELSE text END AS text)
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY event_id, user_id, item_id, event_type ORDER BY timestamp, file, line) > 1 AS again
    FROM log_rows WHERE event_id IS NOT NULL AND ignored IS NULL AND reason IS NULL
    UNION ALL SELECT *, false FROM log_rows WHERE event_id IS NULL OR ignored IS NOT NULL OR reason IS NOT NULL
)
"""


def quarantine_resent(connection, folder: Path) -> None:
    """Give the rows of the view `log_rows` with the event id of an earlier one their reason; `folder` keeps them."""
    if connection.execute("SELECT count(event_id) FROM log_rows").fetchall() == [(0,)]:
        return
    copy_to_parquet(connection, MARKED, folder / "marked.parquet")
    marked = f"read_parquet({literal(exactly(folder / 'marked.parquet'))})"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW log_rows AS FROM {marked}")
