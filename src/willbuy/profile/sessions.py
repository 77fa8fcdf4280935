"""Questions about sessions.parquet."""

from pathlib import Path

import pandas as pd

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
