"""Questions about the features of the decision points."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from willbuy.database import query


def story(features: Path) -> pd.Series:
    """A user and an item with about five decision points that led to a purchase: user_id, item_id."""
    sql = """
    SELECT user_id, item_id FROM read_parquet($features) WHERE label = 1
    GROUP BY ALL ORDER BY abs(count(*) - 5), user_id, item_id LIMIT 1
    """
    return query(sql, features=features).iloc[0]


def told(story: pd.Series, sessions: Path, files: list[Path], names: Sequence[str], rows: int = 14) -> pd.DataFrame:
    """The first events of `story`, and beside its decision points the features `names` and the label."""
    sql = f"""
    SELECT s.timestamp, s.event_type, s.price, {", ".join(names)}, label
    FROM read_parquet($sessions) s
    LEFT JOIN read_parquet($files) f USING (user_id, item_id, timestamp, event_type)
    WHERE s.user_id = $user_id AND s.item_id = $item_id ORDER BY s.timestamp LIMIT $rows
    """
    return query(sql, sessions=sessions, files=files, rows=rows, **story)


def last(story: pd.Series, features: Path) -> pd.Series:
    """The last decision point of `story`, with all its features."""
    theirs = "SELECT * FROM read_parquet($features) WHERE user_id = $user_id AND item_id = $item_id"
    return query(f"{theirs} ORDER BY timestamp DESC LIMIT 1", features=features, **story).iloc[0]


def null_shares(features: Path, names: Iterable[str]) -> pd.Series:
    """The share of decision points at which each of `names` is null, rising, without those that never are."""
    shares = ", ".join(f"1 - count({name}) / count(*) AS {name}" for name in names)
    found = query(f"SELECT {shares} FROM read_parquet($features)", features=features).iloc[0]
    return found[found > 0].sort_values()


def known(files: list[Path], names: Iterable[str]) -> pd.Series:
    """How many decision points of all `files` have a value for each of `names`."""
    counts = ", ".join(f"count({name}) AS {name}" for name in names)
    return query(f"SELECT {counts} FROM read_parquet($files)", files=files).iloc[0]


def gap_before_purchase(features: Path, names: Sequence[str]) -> pd.Series:
    """Each feature's mean before a purchase less its mean otherwise, in standard deviations."""
    means, spreads = (", ".join(f"{what}({n}) AS {n}" for n in names) for what in ("avg", "stddev_pop"))
    mean = query(f"SELECT {means} FROM read_parquet($features) GROUP BY label ORDER BY label", features=features)
    spread = query(f"SELECT {spreads} FROM read_parquet($features)", features=features).iloc[0]
    return ((mean.iloc[1] - mean.iloc[0]) / spread[spread > 0]).astype(float).dropna()


def rate_by_views_and_cart(features: Path) -> pd.DataFrame:
    """The base rate by earlier views of the item (5: five or more) and by whether it lies in the cart."""
    sql = """
    SELECT least(user_item_view_count_30d, 5) AS earlier_views, user_item_open_cart AS open_cart,
        count(*) AS decision_points, avg(label) AS bought
    FROM read_parquet($features) GROUP BY ALL ORDER BY ALL
    """
    return query(sql, features=features)
