"""Who and what the log is about: the largest users and items, and ids that may be one id written in two ways."""

from pathlib import Path

import pandas as pd

from willbuy.database import query

SHOWN = 10
GIANT_SHARE = 0.05  # of the events: nobody alone is so much of a shop

LARGEST = """
SELECT {column} AS id, count(*) AS events, count(*) / (SELECT count(*) FROM read_parquet($events)) AS share,
    count(DISTINCT {other}) AS {others}, count(*) FILTER (event_type = 'purchase') AS purchases
FROM read_parquet($events) GROUP BY {column} ORDER BY events DESC, id LIMIT $shown
"""
# 17.0 and 17, or AbC and abc.
ALIKE = """
WITH ids AS (SELECT {column} AS id, count(*) AS events FROM read_parquet($events) GROUP BY {column})
SELECT '{column}' AS "column", list(id ORDER BY events DESC, id) AS ids, sum(events)::BIGINT AS events
FROM ids GROUP BY lower(regexp_replace(id, '\\.0+$', '')) HAVING count(*) > 1 ORDER BY events DESC, ids
"""


def largest(events: str | Path, column: str) -> pd.DataFrame:
    """The users or items (`column`) with the most events: events, their share, how many others they met, purchases."""
    other, others = ("item_id", "items") if column == "user_id" else ("user_id", "users")
    sql = LARGEST.format(column=column, other=other, others=others)
    return query(sql, events=events, shown=SHOWN).set_index("id").rename_axis(column)


def alike(events: str | Path) -> pd.DataFrame:
    """Ids that are equal but for a `.0` at the end or for case: column, ids, and the events that they have together."""
    found = [query(ALIKE.format(column=column), events=events) for column in ("user_id", "item_id")]
    return pd.concat(found, ignore_index=True)


def told(users: pd.DataFrame, items: pd.DataFrame, alike: pd.DataFrame) -> list[str]:
    """What of `largest` and `alike` is worth a look, as sentences."""
    giants = [
        f"{name} `{row.Index}` has {row.share:.0%} of the events"
        for name, found in (("user", users), ("item", items))
        for row in found[found.share >= GIANT_SHARE].itertuples()
        if len(found) == SHOWN
    ]
    counts = alike["column"].value_counts()
    return giants + [
        f"{count:,} groups of {column} are equal but for case or `.0`, such as {_shown(alike, column)}"
        for column, count in counts.items()
    ]


def _shown(alike: pd.DataFrame, column: str) -> str:
    return " and ".join(f"`{name}`" for name in alike[alike["column"] == column].ids.iloc[0][:2])
