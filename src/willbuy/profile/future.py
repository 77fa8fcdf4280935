"""Does any feature see the future? Take each decision point's own future away, compute again, and compare."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from willbuy.database import connect, copy_to_parquet, query
from willbuy.features.context import known_in
from willbuy.features.tables import featurize

POINTS = 200

# Each sampled decision point gets a world of its own, a shop in one log with all others: its number is put before the
# ids of users and items. There are the events of the point's user and of its item, all that any feature may read. A
# decision event itself stays, for its price, but not its duration: how long somebody will look is not known when they
# begin. Rows of one decision event that the log repeats are one point.
SAMPLE = """
WITH points AS (
    SELECT DISTINCT user_id, item_id, event_type, timestamp FROM read_parquet($decisions)
    ORDER BY md5(concat_ws(' ', user_id, item_id, event_type, epoch_us(timestamp))), timestamp LIMIT $points
)
SELECT printf('%06d ', row_number() OVER (ORDER BY timestamp, user_id, item_id, event_type)) AS world, * FROM points
"""
WORLDS = """
WITH known AS (
    SELECT world, p.timestamp AS t, s.*, s.timestamp = p.timestamp AND s.user_id = p.user_id AND s.item_id = p.item_id
        AND s.event_type = p.event_type AS decides
    FROM read_parquet($sessions) s JOIN read_parquet($sample) p
    ON s.user_id = p.user_id
    UNION ALL
    SELECT world, p.timestamp AS t, s.*, false AS decides
    FROM read_parquet($sessions) s JOIN read_parquet($sample) p
    ON s.item_id = p.item_id AND s.user_id <> p.user_id
)
"""
PAST = f"""
{WORLDS}
SELECT world || user_id AS user_id, world || item_id AS item_id, event_type, timestamp, price,
    CASE WHEN NOT decides THEN duration_seconds END AS duration_seconds
FROM known WHERE timestamp < t OR decides
ORDER BY world || user_id, timestamp, item_id, event_type, price, known.duration_seconds
"""
LATER = f"{WORLDS} SELECT count(*) AS events FROM known WHERE timestamp >= t AND NOT decides"
ITEMS = """
SELECT DISTINCT past.item_id, category, base_price
FROM read_parquet($past) past JOIN read_parquet($items) items ON items.item_id = substr(past.item_id, 8)
"""
DECISIONS = """
SELECT d.* REPLACE (world || user_id AS user_id, world || item_id AS item_id)
FROM read_parquet($decisions) d JOIN read_parquet($sample) USING (user_id, item_id, event_type, timestamp)
ORDER BY world, length(example_id), example_id
"""


class Without(NamedTuple):
    """The features of some decision points as they stand, `again` without the future of each, and what that took away.

    Both frames have a row a decision point, by `example_id`. `points` are the different ones, each with a time t of its
    own; `deleted` counts the events at or after t, over all points, that their users had or their items saw.
    """

    known: pd.DataFrame
    again: pd.DataFrame
    points: int
    deleted: int


def without_future(
    sessions: Path, items: Path, decisions: Sequence[Path], features: Sequence[Path], session_gap_minutes: float
) -> Without:
    """The features of POINTS decision points, drawn by a hash from all of `decisions`, as they stand in `features`, and
    computed again from logs that lack everything from each point's own time on.
    """
    with tempfile.TemporaryDirectory() as folder, connect(folder) as connection:
        sample, past, there, theirs, again = (
            Path(folder) / f"{n}.parquet" for n in ("s", "past", "items", "d", "again")
        )
        points = copy_to_parquet(connection, SAMPLE, sample, {"decisions": list(decisions), "points": POINTS})
        copy_to_parquet(connection, PAST, past, {"sessions": sessions, "sample": sample})
        copy_to_parquet(connection, ITEMS, there, {"past": past, "items": items})
        copy_to_parquet(connection, DECISIONS, theirs, {"decisions": list(decisions), "sample": sample})
        featurize(past, there, {theirs: again}, session_gap_minutes=session_gap_minutes)
        deleted = int(query(LATER, sessions=sessions, sample=sample).events[0])
        return Without(_of(theirs, list(features)), _of(theirs, again), points, deleted)


def _of(decisions: Path, features: Path | list[Path]) -> pd.DataFrame:
    """Example and features, in the order of example."""
    names = [feature.name for feature in known_in(decisions)]
    sql = f"""
    SELECT example_id, {", ".join(names)} FROM read_parquet($features)
    WHERE example_id IN (SELECT example_id FROM read_parquet($decisions)) ORDER BY example_id
    """
    return query(sql, features=features, decisions=decisions)
