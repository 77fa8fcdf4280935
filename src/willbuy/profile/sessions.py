"""Questions about sessions.parquet."""

from pathlib import Path

import pandas as pd

from willbuy.clock import minutes_us
from willbuy.database import query
from willbuy.schema import CART, PURCHASE


def median_visitor(sessions: Path) -> pd.DataFrame:
    """The events of the visitor with the median number of events."""
    sql = """
    WITH sizes AS (SELECT user_id, count(*) AS n FROM read_parquet($sessions) GROUP BY user_id)
    SELECT * FROM read_parquet($sessions) WHERE user_id = (
        SELECT user_id FROM sizes ORDER BY n, user_id LIMIT 1 OFFSET (SELECT count(*) // 2 FROM sizes)
    )
    """
    return query(sql, sessions=sessions)


def gaps(sessions: Path) -> pd.DataFrame:
    """Gaps between consecutive events of a visitor, counted by length: minutes (lower end), gaps."""
    sql = """
    WITH gaps AS (
        SELECT (epoch_us(timestamp) - lag(epoch_us(timestamp)) OVER (PARTITION BY user_id ORDER BY timestamp))
            / 6e7 AS minutes
        FROM read_parquet($sessions)
    )
    SELECT floor(4 * log2(greatest(minutes, 1/64))) / 4 AS log2_minutes, count(*) AS gaps
    FROM gaps WHERE minutes IS NOT NULL GROUP BY 1 ORDER BY 1
    """
    found = query(sql, sessions=sessions)
    return found.assign(minutes=2**found.log2_minutes)


def shape(sessions: Path) -> pd.DataFrame:
    """One row a session: events, items, users, minutes, and whether something was carted and bought."""
    sql = f"""
    SELECT count(*) AS events, count(DISTINCT item_id) AS items, count(DISTINCT user_id) AS users,
        (max(epoch_us(timestamp)) - min(epoch_us(timestamp))) / 6e7 AS minutes,
        bool_or(event_type = '{CART}') AS carted, bool_or(event_type = '{PURCHASE}') AS bought
    FROM read_parquet($sessions) GROUP BY session_id
    """
    return query(sql, sessions=sessions)


def visits(sessions: Path) -> pd.Series:
    """Sessions of each visitor."""
    sql = "SELECT count(DISTINCT session_id) AS sessions FROM read_parquet($sessions) GROUP BY user_id"
    return query(sql, sessions=sessions).sessions


def longest_gap_us(sessions: Path) -> int:
    """The longest gap inside a session, in microseconds."""
    gap = "epoch_us(timestamp) - lag(epoch_us(timestamp)) OVER (PARTITION BY session_id ORDER BY timestamp)"
    sql = f"SELECT coalesce(max(gap), 0) AS gap FROM (SELECT {gap} AS gap FROM read_parquet($sessions))"
    return query(sql, sessions=sessions).gap[0]


def moved(sessions: Path, gap_minutes: float) -> pd.Series:
    """The share of events that change session if the gap were `half` of `gap_minutes`, and if it were `twice` that.

    An event changes session if its session then begins with another event: at half the gap, all events after the break
    in a session that breaks; at twice the gap, all events of a session that is joined to the one before.
    """
    sql = """
    WITH gaps AS (
        SELECT user_id, timestamp, session_start,
            epoch_us(timestamp) - lag(epoch_us(timestamp)) OVER (PARTITION BY user_id ORDER BY timestamp) AS gap
        FROM read_parquet($sessions)
    ), starts AS (
        SELECT session_start, max(timestamp) FILTER (coalesce(gap > $half, true)) OVER history AS half,
            max(timestamp) FILTER (coalesce(gap > $twice, true)) OVER history AS twice
        FROM gaps WINDOW history AS (PARTITION BY user_id ORDER BY timestamp)
    )
    SELECT avg((half <> session_start)::int) AS half, avg((twice <> session_start)::int) AS twice FROM starts
    """
    factors = {name: minutes_us(gap_minutes * factor) for name, factor in (("half", 0.5), ("twice", 2))}
    return query(sql, sessions=sessions, **factors).iloc[0]
