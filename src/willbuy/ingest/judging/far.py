"""Clocks that are wrong by months or years: a few times far from all others."""

import pandas as pd

FAR_DAYS = 30  # days without any event of the shop that lie between
FAR_SHARE = 0.01  # of the rows: more are no accident
FAR = "time far from all others"

DAYS = """
SELECT epoch_us(timestamp) // 86400000000 AS day, count(*) AS rows
FROM log_rows WHERE ignored IS NULL AND reason IS NULL GROUP BY day ORDER BY day
"""


def near(days: pd.DataFrame) -> tuple[int, int]:
    """The first and the last day that belong together, of `days`: day (since 1970) and rows, in order.

    Stretches of days that FAR_DAYS separate from the others, and that have less than FAR_SHARE of the rows, do not.
    """
    stretch = (days.day.diff() > FAR_DAYS).cumsum()
    rows = days.rows.groupby(stretch).sum()
    kept = days[stretch.isin(rows.index[rows >= FAR_SHARE * rows.sum()])]
    return int(kept.day.iloc[0]), int(kept.day.iloc[-1])


def quarantine_far_times(connection) -> None:
    """Give the rows of the view `log_rows` whose time is far from all others their reason."""
    days = connection.sql(DAYS).to_arrow_table().to_pandas()
    if days.empty:
        return
    first, last = near(days)
    if (first, last) == (days.day.iloc[0], days.day.iloc[-1]):
        return
    # A stretch in between, with others on both sides, breaks no split; the report shows the silence around it.
    outside = f"timestamp < to_timestamp({first} * 86400) OR timestamp >= to_timestamp({last + 1} * 86400)"
    far = f"ignored IS NULL AND reason IS NULL AND ({outside})"
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW log_rows AS SELECT * REPLACE (
            CASE WHEN {far} THEN '{FAR}' ELSE reason END AS reason,
            CASE WHEN {far} THEN timestamp::VARCHAR ELSE text END AS text) FROM read_rows""")
