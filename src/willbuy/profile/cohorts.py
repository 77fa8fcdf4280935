"""Do visitors come back? Cohorts by the week of their first visit, and who of each is seen again how much later."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from willbuy.database import query
from willbuy.profile.log import DAY

MOST_WEEKS = 16  # that the figure has room for
WHEN = {1: "are seen in the next week", 4: "in the fourth week after it"}


def cohorts(sessions: Path) -> pd.DataFrame:
    """One row a cohort and a whole week of the log: cohort (its first day), weeks since then, and visitors seen.

    Weeks have seven days and begin with the log's first day (UTC). Its last days make no whole week and are left out,
    for they would look like a loss of visitors; a log shorter than a week is one.
    """
    sql = f"""
    WITH days AS (SELECT DISTINCT user_id, {DAY} AS day FROM read_parquet($sessions)),
    span AS (SELECT min(day) AS first, greatest((date_diff('day', min(day), max(day)) + 1) // 7, 1) AS weeks FROM days),
    seen AS (
        SELECT DISTINCT user_id, date_diff('day', first, day) // 7 AS week, first
        FROM days, span WHERE date_diff('day', first, day) < 7 * weeks
    ), known AS (SELECT *, min(week) OVER (PARTITION BY user_id) AS begins FROM seen)
    SELECT first + to_days((7 * begins)::INT) AS cohort, (week - begins)::INT AS weeks, count(*) AS visitors
    FROM known GROUP BY ALL ORDER BY ALL
    """
    return query(sql, sessions=sessions)


def returning(found: pd.DataFrame) -> pd.DataFrame:
    """Of each of the `cohorts` (rows) the share seen again so many weeks later (columns); NaN where the log has ended.

    The column 0 is the cohort itself: 1 throughout.
    """
    table = found.pivot(index="cohort", columns="weeks", values="visitors")
    table = table.reindex(columns=range(int(table.columns.max()) + 1))
    last = (found.cohort + pd.to_timedelta(7 * found.weeks, unit="D")).max()
    known = np.arange(table.shape[1]) <= ((last - table.index).days.to_numpy() // 7)[:, None]
    return table.fillna(0).div(table[0], axis=0).where(known)


def figure(shares: pd.DataFrame) -> Figure:
    """The shares of `returning` as a map, darker where more came back; week 0 is left out."""
    later = shares.iloc[:, 1 : MOST_WEEKS + 1].dropna(how="all").iloc[:MOST_WEEKS]
    drawn, axes = plt.subplots(figsize=(8, 1.3 + 0.27 * len(later)), layout="constrained")
    if later.empty:
        axes.text(0, 0.5, "The log has no second week.")
        axes.set_axis_off()
    else:
        _map(axes, later)
    plt.close(drawn)
    return drawn


def _map(axes: Axes, later: pd.DataFrame) -> None:
    most = max(float(np.nanmax(later)), 0.01)
    axes.imshow(later, aspect="auto", cmap="Blues", vmin=0, vmax=most)
    for (row, column), share in np.ndenumerate(later):
        if np.isfinite(share):
            colour = "white" if share > 0.6 * most else "black"
            axes.text(column, row, f"{share:.0%}", ha="center", va="center", fontsize=8, color=colour)
    axes.set_yticks(range(len(later)), [f"{day:%Y-%m-%d}" for day in later.index])
    axes.set_xticks(range(later.shape[1]), later.columns)
    axes.set(xlabel="weeks after the week of the first visit", ylabel="first visit in the week from")
    axes.grid(visible=False)


def verdict(found: pd.DataFrame) -> str:
    """How many come back a week and four weeks after their first, over all `cohorts` that the log lets see it."""
    shares = returning(found)
    sizes = found[found.weeks == 0].set_index("cohort").visitors
    said = [f"**{_mean(shares[n], sizes):.0%}** {words}" for n, words in WHEN.items() if n in shares]
    if not said:
        return "The log has no second week in which visitors could come back."
    return f"Of the visitors seen for the first time in a week, {' and '.join(said)}."


def _mean(shares: pd.Series, sizes: pd.Series) -> float:
    known = shares.dropna()
    return float(np.average(known, weights=sizes[known.index]))
