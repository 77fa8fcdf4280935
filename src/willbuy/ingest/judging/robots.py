"""Users who act faster than people can."""

from pathlib import Path

import pandas as pd

from willbuy.database import query

EVENTS_AN_HOUR = 500  # one every seven seconds for an hour on end
EVENTS_A_DAY = 2_000
RULE = f"more than {EVENTS_AN_HOUR} events in a clock hour, or more than {EVENTS_A_DAY:,} on one day (UTC)"

ROBOTS = f"""
WITH hours AS (
    SELECT user_id, date_trunc('day', timestamp) AS day, count(*) AS events
    FROM read_parquet($events) GROUP BY user_id, day, date_trunc('hour', timestamp)
),
days AS (SELECT user_id, max(events) AS in_an_hour, sum(events)::BIGINT AS in_a_day FROM hours GROUP BY user_id, day)
SELECT user_id, max(in_an_hour) AS most_in_an_hour, max(in_a_day) AS most_in_a_day
FROM days GROUP BY user_id
HAVING most_in_an_hour > {EVENTS_AN_HOUR} OR most_in_a_day > {EVENTS_A_DAY}
ORDER BY most_in_a_day DESC, user_id
"""


def robots(events_path: str | Path) -> pd.DataFrame:
    """The users of `events_path` that RULE calls robots: user_id, most_in_an_hour, most_in_a_day."""
    return query(ROBOTS, events=events_path)
