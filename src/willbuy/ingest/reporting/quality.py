"""The quality of a real log: questions about its events, each answered as a small table.

Every function takes the path of an `events.parquet` and reads only what it asks for.
"""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from willbuy import schema
from willbuy.database import query
from willbuy.schema import CART, EVENT_TYPES, PURCHASE, VIEW

COARSER_SHARE = 0.25  # from this share of unseen purchases on, the item id looks too fine

UNSEEN = f"""
WITH firsts AS (
    SELECT user_id, item_id, min(timestamp) AS first_touched FROM read_parquet($events)
    WHERE event_type IN ('{VIEW}', '{CART}') GROUP BY user_id, item_id
)
SELECT count(*) AS purchases, count(*) FILTER (first_touched IS NULL OR first_touched >= timestamp) AS unseen
FROM read_parquet($events) LEFT JOIN firsts USING (user_id, item_id) WHERE event_type = '{PURCHASE}'
"""


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
    sql = """
    SELECT event_type, count(*) AS events, count(DISTINCT user_id) AS users, count(DISTINCT item_id) AS items,
        count(price) / count(*) AS price_known, count(duration_seconds) / count(*) AS duration_known
    FROM read_parquet($events) GROUP BY event_type
    """
    return _by_type(sql, events)


def prices(events: str | Path) -> pd.DataFrame:
    """By event type: how many prices there are, the lowest, quantiles, the highest, and the share that is 0."""
    sql = """
    SELECT event_type, count(price) AS prices, min(price) AS lowest, quantile_cont(price, 0.05) AS "5%",
        median(price) AS median, quantile_cont(price, 0.95) AS "95%", max(price) AS highest,
        count(*) FILTER (price = 0) / count(price) AS zero
    FROM read_parquet($events) GROUP BY event_type HAVING count(price) > 0
    """
    return _by_type(sql, events)


def contexts(events: str | Path) -> pd.DataFrame:
    """By context: how many levels it has, the three commonest with their shares of the events, the share of nulls."""
    found = {name: _shares(events, name) for name in schema.contexts(pq.read_schema(events).names)}
    rows = {
        name: {
            "levels": len(shares),
            "commonest": ", ".join(f"{level} {share:.0%}" for level, share in shares.head(3).items()),
            "unknown": 1 - shares.sum(),
        }
        for name, shares in found.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["levels", "commonest", "unknown"])


def _shares(events: str | Path, name: str) -> pd.Series:
    sql = f"""
    SELECT {name} AS level, count(*) / sum(count(*)) OVER () AS share FROM read_parquet($events)
    GROUP BY level ORDER BY share DESC, level
    """
    return query(sql, events=events).dropna().set_index("level").share


def _by_type(sql: str, events: str | Path) -> pd.DataFrame:
    """The answer by event type, in the order in which these follow each other."""
    found = query(sql, events=events).set_index("event_type")
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
