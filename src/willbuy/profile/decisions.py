"""Questions about the decision points of train, validation and test."""

from pathlib import Path

import pandas as pd

from willbuy.database import query
from willbuy.profile.log import DAY


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


def different(files: list[Path]) -> int:
    """How many different decision points the files hold together."""
    return query("SELECT count(DISTINCT example_id) AS n FROM read_parquet($files)", files=files).n[0]
