"""What a shop says of its items, in any order, and what an item is by that."""

from hypothesis import strategies as st
from msgspec import UNSET

from app.online.store.retention import Retention
from app.online.store.timeline import Entry, State

PRICES = st.sampled_from([1.0, 2.5, None, UNSET])
ENTRIES = st.lists(
    st.builds(
        Entry,
        st.sampled_from("xy"),
        st.integers(0, 20),
        st.sampled_from(["a", "b", None, UNSET]),
        base_price=PRICES,
        price=PRICES,
    ),
    max_size=12,
)
ALL = Retention(now=10**18, kept_us=10**17, gap_us=None)


def by_hand(entries, time, item_id="x"):
    """The item at `time`: of each field the latest value said until then, or else the first one."""
    values, mine = [], [entry for entry in entries if entry.item_id == item_id]
    for field in State._fields:
        said = {e.since: getattr(e, field) for e in mine if getattr(e, field) is not UNSET}
        values.append(said[max((since for since in said if since <= time), default=min(said))] if said else None)
    return State(*values)
