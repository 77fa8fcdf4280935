"""The quality of a real log: questions about its events, each answered as a small table.

Every function takes the path of an `events.parquet` and reads only what it asks for.
"""

from pathlib import Path

import pandas as pd

from willbuy.database import query
from willbuy.schema import CART, EVENT_TYPES, PURCHASE, VIEW

SILENT_HOURS = 6  # a stretch without any event that is worth a question
THIN_SHARE = 0.2  # a day with less than this share of the median day's events is thin
COARSER_SHARE = 0.25  # from this share of unseen purchases on, the item id looks too fine

# Gaps are between any two events of the whole shop, so the holiday of one user is no gap.
SILENCES = """
WITH gaps AS (
    SELECT lag(timestamp) OVER (ORDER BY timestamp) AS silent_from, timestamp AS silent_until
    FROM (SELECT DISTINCT date_trunc('minute', timestamp) AS timestamp FROM read_parquet($events))
)
SELECT silent_from, silent_until, (epoch_us(silent_until) - epoch_us(silent_from)) / 3.6e9 AS hours
FROM gaps WHERE hours >= $hours ORDER BY hours DESC, silent_from
"""
UNSEEN = f"""
WITH firsts AS (
    SELECT user_id, item_id, min(timestamp) AS first_touched FROM read_parquet($events)
    WHERE event_type IN ('{VIEW}', '{CART}') GROUP BY user_id, item_id
)
SELECT count(*) AS purchases, count(*) FILTER (first_touched IS NULL OR first_touched >= timestamp) AS unseen
FROM read_parquet($events) LEFT JOIN firsts USING (user_id, item_id) WHERE event_type = '{PURCHASE}'
"""


def by_day(events: str | Path) -> pd.DataFrame:
    """Events by UTC day and type: a row for each day, also without events, a column for each type that occurs."""
    counts = query(
        """SELECT date_trunc('day', timestamp) AS day, event_type, count(*) AS events
           FROM read_parquet($events) GROUP BY ALL""",
        events=events,
    )
    days = counts.pivot(index="day", columns="event_type", values="events")
    every = pd.date_range(days.index.min(), days.index.max(), freq="D")
    return days.reindex(every).reindex(columns=[t for t in EVENT_TYPES if t in days]).fillna(0).astype(int)


def silences(events: str | Path, hours: float = SILENT_HOURS) -> pd.DataFrame:
    """Stretches of at least `hours` without any event, to the minute, the longest first."""
    return query(SILENCES, events=events, hours=hours)


def thin_days(days: pd.DataFrame) -> pd.Series:
    """The days of `by_day` with under THIN_SHARE of the median day's events. The first and the last do not count."""
    totals = days.sum(axis=1)
    return totals[1:-1][totals[1:-1] < THIN_SHARE * totals.median()]


def unseen_purchases(events: str | Path) -> tuple[int, int]:
    """(purchases, purchases whose user had not viewed or carted that item before)."""
    found = query(UNSEEN, events=events)
    return int(found.purchases[0]), int(found.unseen[0])


def item_id_advice(purchases: int, unseen: int) -> str:
    """What the counts of `unseen_purchases` mean for the choice of `item_id`."""
    if purchases == 0:
        return "The log has no purchases."
    share = f"{unseen / purchases:.1%} of {purchases:,} purchases are of items that the user had not viewed or carted"
    if unseen < COARSER_SHARE * purchases:
        return f"{share}: views and purchases name items alike."
    return (
        f"{share}. No view can predict these. If the shop shows products and sells their sizes or colours, "
        "map a coarser column to `item_id`, such as the product's name."
    )


def coverage(events: str | Path) -> pd.DataFrame:
    """By event type: events, users, items, and the shares of events that have a price and a duration."""
    found = query(
        """SELECT event_type, count(*) AS events, count(DISTINCT user_id) AS users, count(DISTINCT item_id) AS items,
               count(price) / count(*) AS price_known, count(duration_seconds) / count(*) AS duration_known
           FROM read_parquet($events) GROUP BY event_type""",
        events=events,
    ).set_index("event_type")
    return found.reindex([t for t in EVENT_TYPES if t in found.index])


def unknown_throughout(events: str | Path, items: str | Path) -> list[str]:
    """What this log never says: columns that are null in every row, event types that never occur."""
    known = query(
        """SELECT count(price) AS price, count(duration_seconds) AS duration_seconds,
               (SELECT count(category) FROM read_parquet($items)) AS category FROM read_parquet($events)""",
        events=events,
        items=items,
    )
    seen = set(coverage(events).index)
    return [name for name in known if known[name][0] == 0] + [t for t in EVENT_TYPES if t not in seen]
