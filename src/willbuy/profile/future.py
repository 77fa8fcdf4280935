"""Does any feature see the future? Delete the future, compute again, and compare."""

import tempfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from willbuy.database import connect, copy_to_parquet, query
from willbuy.features.tables import featurize

ONE_USER = "SELECT * FROM read_parquet($path) WHERE user_id = $user_id"


def without_future(
    user_id: str, sessions: Path, items: Path, decisions: Path, features: Path, session_gap_minutes: float
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """One user's rows of `features`, the same rows computed without the future, and how many events that deletes.

    The future is everything that anybody did after the last of the user's `decisions`.
    """
    known = _of(user_id, features)
    with tempfile.TemporaryDirectory() as folder, connect(folder) as connection:
        past, theirs, again = (Path(folder) / f"{name}.parquet" for name in ("past", "theirs", "again"))
        values = {"sessions": sessions, "last": known.timestamp.max().to_pydatetime()}
        copy_to_parquet(connection, "SELECT * FROM read_parquet($sessions) WHERE timestamp <= $last", past, values)
        copy_to_parquet(connection, ONE_USER, theirs, {"path": decisions, "user_id": user_id})
        featurize(past, items, {theirs: again}, session_gap_minutes=session_gap_minutes)
        deleted = pq.read_metadata(sessions).num_rows - pq.read_metadata(past).num_rows
        return known, _of(user_id, again), deleted


def _of(user_id: str, features: Path) -> pd.DataFrame:
    return query(f"{ONE_USER} ORDER BY timestamp, item_id, event_type, example_id", path=features, user_id=user_id)
