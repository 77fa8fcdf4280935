"""Users who are to be in no product, not even in quarantine: they have asked for it, or are the shop's own staff."""

from pathlib import Path

import pyarrow as pa

from willbuy.ingest.errors import IngestError

EXCLUDED = "(excluded users)"
IS = "user_id IN (SELECT user_id FROM excluded)"
WITHOUT = f"""
CREATE TEMP VIEW read_rows AS SELECT * REPLACE (
    CASE WHEN {IS} THEN '{EXCLUDED}' ELSE ignored END AS ignored, CASE WHEN {IS} THEN NULL ELSE reason END AS reason,
    CASE WHEN {IS} THEN NULL ELSE text END AS text, CASE WHEN {IS} THEN NULL ELSE remarks END AS remarks
) FROM all_rows
"""


def listed(path: str | Path) -> list[str]:
    """The user ids in the file at `path`, one a line; none without a path. Raises IngestError if it cannot be read."""
    if not str(path):
        return []
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8"
        raise IngestError(f"exclude_users: {path}: {said}; name a file with a user id on each line") from None
    return [name for line in lines if (name := line.strip())]


def exclude(connection, users: list[str]) -> None:
    """Have all rows of `users` in the view `read_rows` ignored, whatever else is wrong with them."""
    if users:
        connection.register("excluded", pa.table({"user_id": pa.array(users, pa.string())}))
        connection.execute("ALTER VIEW read_rows RENAME TO all_rows")
        connection.execute(WITHOUT)
