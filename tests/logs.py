"""Small generated logs: what the tests feed to the stages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from willbuy.schema import EVENT_TYPES, EVENTS

START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000
DAY = 1440 * MINUTE


def at(microseconds: int) -> datetime:
    """The time `microseconds` after START."""
    return START + timedelta(microseconds=microseconds)


def events_table(rows: list[tuple]) -> pa.Table:
    """An events table of (user, item, event type, microseconds after START) rows, in the order given."""
    names = EVENTS.arrow.names
    full = [(user, item, kind, at(time), None, None) for user, item, kind, time in rows]
    return pa.table([list(column) for column in zip(*full, strict=True)] or [[]] * 6, names=names).cast(EVENTS.arrow)


def moments(rows: list[tuple]) -> pd.DataFrame:
    """A frame of (user_id, item_id, timestamp) rows; times are given in microseconds since 1970."""
    made = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    return made.assign(timestamp=pd.to_datetime(made.timestamp.astype("int64"), unit="us", utc=True))


def rows(times: st.SearchStrategy[int], users: str = "ab", items: str = "xy", **size) -> st.SearchStrategy:
    """Lists of events whose ties and duplicates come from drawing users, items and times from small sets."""
    event = st.tuples(st.sampled_from(users), st.sampled_from(items), st.sampled_from(EVENT_TYPES), times)
    return st.lists(event, **size)
