"""Text that stands where a value should be: a template that nobody filled in, or a word for "nothing"."""

from pathlib import Path

import pandas as pd

from willbuy.database import query

TEMPLATE, NOTHING = "an unfilled template", "a word for nothing"
# {{user_id}}, ${sku}, #{id}, <%= id %>, %(id)s, [object Object]; as the whole value also {id}, <item>, %s, %ID%, $id.
IN_TEMPLATES = r"\{\{.*\}\}|[$#]\{.*\}|<%.*%>|%\(\w+\)[sd]|\[object \w+\]"
WHOLE_TEMPLATES = r"\{\w+\}|<[\w .-]+>|%[sdi]|%%?\w+%%?|\$[A-Za-z_]\w*|__\w+__|:[A-Za-z_]\w*"
NOTHINGS = (
    r"undefined|unknown|none|null|nil|nan|n/?a|\(?not set\)?|\(none\)|\(null\)|missing|anonymous|guest|test|"
    r"-+|\.+|\?+|0+(\.0+)?|-1|true|false|[0-]{8,}"
)
KINDS = f"""
CASE WHEN regexp_matches(value, '{IN_TEMPLATES}') OR regexp_full_match(value, '{WHOLE_TEMPLATES}') THEN '{TEMPLATE}'
     WHEN regexp_full_match(lower(value), '{NOTHINGS}') THEN '{NOTHING}' END
"""
SUSPECTS = f"""
WITH counted AS (
    SELECT 'user_id' AS "column", user_id AS value, count(*) AS events FROM read_parquet($events) GROUP BY value
    UNION ALL SELECT 'item_id', item_id AS value, count(*) FROM read_parquet($events) GROUP BY value
    UNION ALL SELECT 'category', category AS value, count(*)
        FROM read_parquet($events) JOIN read_parquet($items) USING (item_id) GROUP BY value
)
SELECT "column", value, {KINDS} AS looks_like, events, events / (SELECT count(*) FROM read_parquet($events)) AS share
FROM counted WHERE looks_like IS NOT NULL ORDER BY events DESC, "column", value
"""


def suspects(events: str | Path, items: str | Path) -> pd.DataFrame:
    """Ids and categories that look like no value: column, value, looks_like, events, share; the commonest first."""
    return query(SUSPECTS, events=events, items=items)


def told(suspects: pd.DataFrame, most: int = 5) -> str:
    """The commonest suspects as one sentence; empty if there are none."""
    named = [f"{s.column} `{s.value}` ({s.share:.1%} of the events)" for s in suspects.head(most).itertuples()]
    more = f" and {len(suspects) - most} more" if len(suspects) > most else ""
    return ", ".join(named) + more + (" look like no value; name them in `missing`" if named else "")
