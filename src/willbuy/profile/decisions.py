"""Questions about the decision points of train, validation and test."""

from pathlib import Path

import pandas as pd

from willbuy.clock import minutes_us
from willbuy.database import query
from willbuy.profile.log import DAY
from willbuy.schema import PURCHASE

# How long before its purchase a decision point lies: each belongs to the first of these that holds.
LEADS = ("under 10 minutes", "to the end of the session", "the same day", "later")


def counts(files: list[Path]) -> pd.DataFrame:
    """One row a split: decision_points, users, bought, base_rate, and the first and last time."""
    sql = """
    SELECT count(*) AS decision_points, count(DISTINCT user_id) AS users, sum(label)::BIGINT AS bought,
        avg(label) AS base_rate, min(timestamp) AS first, max(timestamp) AS last FROM read_parquet($file)
    """
    return pd.concat({file.stem: query(sql, file=file) for file in files}, names=["split"]).droplevel(1)


def some(file: Path, rows: int = 3) -> pd.DataFrame:
    """The first `rows` decision points that led to a purchase, and as many that did not."""
    first = "SELECT * FROM read_parquet($file) WHERE label = $label ORDER BY timestamp LIMIT $rows"
    return pd.concat([query(first, file=file, label=label, rows=rows) for label in (1, 0)], ignore_index=True)


def by_event_type(files: list[Path]) -> pd.DataFrame:
    """Decision points and base rate by the type of the decision event."""
    sql = """
    SELECT event_type, count(*) AS decision_points, avg(label) AS base_rate
    FROM read_parquet($files) GROUP BY event_type ORDER BY event_type DESC
    """
    return query(sql, files=files).set_index("event_type")


def by_day(files: list[Path]) -> pd.DataFrame:
    """Decision points and base rate a UTC day."""
    sql = f"""
    SELECT {DAY} AS day, count(*) AS decision_points, avg(label) AS base_rate
    FROM read_parquet($files) GROUP BY 1 ORDER BY 1
    """
    return query(sql, files=files)


def until_purchase(files: list[Path], sessions: Path, min_lead_minutes: float) -> pd.DataFrame:
    """One row a positive decision point, in the order of time: the purchase that makes it positive, and how soon it is.

    Columns: example_id, user_id, item_id, bought_at (with which it is one sale), minutes until then, and lead, one of
    LEADS. Days are those of UTC; the session is the decision point's own.
    """
    day = "(d.timestamp AT TIME ZONE 'UTC')::DATE = (p.timestamp AT TIME ZONE 'UTC')::DATE"
    sql = f"""
    SELECT d.example_id, d.user_id, d.item_id, p.timestamp AS bought_at,
        (epoch_us(p.timestamp) - epoch_us(d.timestamp)) / 6e7 AS minutes,
        CASE WHEN minutes < 10 THEN '{LEADS[0]}' WHEN p.session_id = d.session_id THEN '{LEADS[1]}'
            WHEN {day} THEN '{LEADS[2]}' ELSE '{LEADS[3]}' END AS lead
    FROM (SELECT * FROM read_parquet($files) WHERE label = 1) d
    ASOF JOIN (SELECT * FROM read_parquet($sessions) WHERE event_type = '{PURCHASE}') p
        ON d.user_id = p.user_id AND d.item_id = p.item_id AND d.timestamp + to_microseconds($lead) < p.timestamp
    ORDER BY d.timestamp, d.example_id
    """
    return query(sql, files=files, sessions=sessions, lead=minutes_us(min_lead_minutes))


def by_lead(waits: pd.DataFrame) -> pd.DataFrame:
    """Positive decision points by how long before the purchase they lie (`until_purchase`), and their shares."""
    found = waits.lead.value_counts().reindex(LEADS, fill_value=0)
    return pd.DataFrame({"decision_points": found, "share": found / max(found.sum(), 1)})


def sales(waits: pd.DataFrame) -> int:
    """How many different purchases the rows of `until_purchase` lead to."""
    return len(waits.drop_duplicates(["user_id", "item_id", "bought_at"]))


def different(files: list[Path]) -> int:
    """How many different decision points the files hold together."""
    return query("SELECT count(DISTINCT example_id) AS n FROM read_parquet($files)", files=files).n[0]
