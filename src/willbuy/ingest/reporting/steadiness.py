"""Is the logging steady? Days and hours in which a kind of event broke off, of an `events.parquet`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from willbuy.database import query
from willbuy.schema import EVENT_TYPES

SILENT_HOURS = 6  # a stretch without any event that is worth a question
THIN_SHARE = 0.2  # a day with less than this share of a usual day's events is thin
COMMON = 15  # a type with fewer events on a usual day has empty days by chance
MISSED = 40  # so many missing events are no chance, even where an order is a burst of several
SHOWN = 5  # breaks that a sentence names

# Gaps are between any two events of the whole shop, so the holiday of one user is no gap.
SILENCES = """
WITH gaps AS (
    SELECT lag(timestamp) OVER (ORDER BY timestamp) AS silent_from, timestamp AS silent_until
    FROM (SELECT DISTINCT date_trunc('minute', timestamp) AS timestamp FROM read_parquet($events))
)
SELECT silent_from, silent_until, (epoch_us(silent_until) - epoch_us(silent_from)) / 3.6e9 AS hours
FROM gaps WHERE hours >= $hours ORDER BY hours DESC, silent_from
"""


def by_hour(events: str | Path) -> pd.DataFrame:
    """Events by UTC hour and type: a row for each hour of each day, a column for each type that occurs."""
    counts = query(
        """SELECT date_trunc('hour', timestamp) AS hour, event_type, count(*) AS events
           FROM read_parquet($events) GROUP BY ALL""",
        events=events,
    )
    hours = counts.pivot(index="hour", columns="event_type", values="events")
    first, end = hours.index.min().floor("D"), hours.index.max().floor("D") + pd.Timedelta("1D")
    every = pd.date_range(first, end, freq="h", inclusive="left")
    return hours.reindex(every).reindex(columns=[t for t in EVENT_TYPES if t in hours]).fillna(0).astype(int)


def by_day(hours: pd.DataFrame) -> pd.DataFrame:
    """`by_hour` by UTC day, also for days without events."""
    return hours.resample("D").sum()


def silences(events: str | Path, hours: float = SILENT_HOURS) -> pd.DataFrame:
    """Stretches of at least `hours` without any event, to the minute, the longest first."""
    return query(SILENCES, events=events, hours=hours)


def usual(days: pd.DataFrame) -> pd.Series:
    """The median of each type's days: of those that have any, so that one event of another year changes nothing."""
    return days.where(days > 0).median()


def thin_days(days: pd.DataFrame) -> pd.DataFrame:
    """Days of `by_day` with under THIN_SHARE of a type's usual events: day, event_type, events, usual.

    The first and the last day do not count, which may be cut, nor do types that are too rare to tell.
    """
    inner, normal = days.iloc[1:-1], usual(days)
    thin = inner.lt(THIN_SHARE * normal) & (normal >= COMMON)
    rows = [
        (d, t, int(inner.loc[d, t]), normal[t]) for d in inner.index[thin.any(axis=1)] for t in days if thin.loc[d, t]
    ]
    return pd.DataFrame(rows, columns=["day", "event_type", "events", "usual"])


def outages(hours: pd.DataFrame) -> pd.DataFrame:
    """Whole hours without one event of a type of which at least MISSED were to be expected, the worst first.

    Columns: event_type, silent_from, silent_until, hours, expected. To be expected is, of the other types' events in
    that hour, the share that the type has over the whole log: on a Sunday all are rarer, and before the log begins
    nothing is missing. Hours without any event at all are found by `silences`.
    """
    rows = [row for event_type in hours for row in _outages(event_type, hours)]
    found = pd.DataFrame(rows, columns=["event_type", "silent_from", "silent_until", "hours", "expected"])
    return found.sort_values(["expected", "event_type"], ascending=[False, True], ignore_index=True)


def _outages(event_type: str, hours: pd.DataFrame) -> Iterator[tuple]:
    counts, others = hours[event_type].to_numpy(), hours.drop(columns=event_type).sum(axis=1).to_numpy()
    expected = others * (counts.sum() / max(others.sum(), 1))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], counts == 0, [False]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if (missed := expected[begin:end].sum()) >= MISSED:
            start = hours.index[begin]
            yield event_type, start, start + pd.Timedelta(hours=int(end - begin)), int(end - begin), round(missed)


def breaks(outages: pd.DataFrame, thin: pd.DataFrame) -> str:
    """The outages, and the thin days that they do not explain, as one sentence; empty if there are none."""
    told = [
        f"no {o.event_type} from {o.silent_from:%Y-%m-%d %H:%M} to {o.silent_until:%Y-%m-%d %H:%M}, "
        f"where about {o.expected:,} are usual"
        for o in outages.itertuples()
    ]
    told += [
        f"{t.events:,} {t.event_type} on {t.day:%Y-%m-%d}, where {t.usual:,.0f} are usual"
        for t in thin.itertuples()
        if not _explained(t, outages)
    ]
    more = f", and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more


def _explained(thin, outages: pd.DataFrame) -> bool:
    until = thin.day + pd.Timedelta("1D")
    same = outages[outages.event_type == thin.event_type]
    return bool(((same.silent_from < until) & (same.silent_until > thin.day)).any())
