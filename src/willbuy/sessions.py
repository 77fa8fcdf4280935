"""Sessions: a visitor's events with no gap longer than the threshold."""

from pathlib import Path

import pyarrow.parquet as pq

from willbuy.clock import minutes_us
from willbuy.database import connect, copy_to_parquet
from willbuy.schema import contexts

# Events that share a timestamp are peers of one another: both window sums run over whole peer groups,
# so ties never fall into different sessions, whatever order they are stored in.
SESSIONIZE = """
WITH marked AS (
    SELECT *, coalesce(
        epoch_us(timestamp) - lag(epoch_us(timestamp)) OVER history > $gap_microseconds, true
    ) AS opens
    FROM read_parquet($events)
    WINDOW history AS (PARTITION BY user_id ORDER BY timestamp)
)
SELECT
    COLUMNS(lambda c: c NOT IN ('opens', 'quantity')),
    user_id || '_' || count(*) FILTER (opens) OVER history AS session_id,
    max(timestamp) FILTER (opens) OVER history AS session_start
FROM marked
WINDOW history AS (PARTITION BY user_id ORDER BY timestamp)
ORDER BY {}
"""
ORDER = ("user_id", "timestamp", "item_id", "event_type", "price", "duration_seconds")


def sessionize(events_path: str | Path, sessions_path: str | Path, gap_minutes: float) -> None:
    """Write `sessions.parquet`: every event with the session it belongs to, in (user, time) order.

    A gap of exactly `gap_minutes` stays inside the session. A session is known from the past alone:
    whether an event opens one depends only on the event before it. `session_id` is the user's id and
    the number of the session among theirs, counted from 1.
    """
    by = [*ORDER, *contexts(pq.read_schema(events_path).names)]
    values = {"events": events_path, "gap_microseconds": minutes_us(gap_minutes)}
    with connect(Path(sessions_path).parent) as connection:
        copy_to_parquet(connection, SESSIONIZE.format(", ".join(by)), sessions_path, values)
