"""What the feature engines are given, and which columns they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from willbuy.features.feature import WINDOWS
from willbuy.files import write_table
from willbuy.schema import DECISION_TYPES, EVENT_TYPES, EVENTS

MEASURES = {"view": "view", "cart": "add_to_cart", "purchase": "purchase"}
LAST = ("event", "view", "cart", "purchase")
RATES = {
    "cart_to_view_7d": ("cart_count_7d", "view_count_7d"),
    "purchase_to_cart_30d": ("purchase_count_30d", "cart_count_30d"),
    "user_item_cart_to_view_30d": ("user_item_cart_count_30d", "user_item_view_count_30d"),
}
COUNTS = {  # by key: column, measure, window
    key: [(f"{prefix}{measure}_count_{w}", measure, w) for w in WINDOWS for measure in MEASURES]
    for key, prefix in (("user", ""), ("user_item", "user_item_"), ("user_category", "user_category_"))
}
COLUMNS = (
    *(name for names in COUNTS.values() for name, _, _ in names),
    *(f"hours_since_last_{what}" for what in LAST),
    "days_since_first_seen",
    *RATES,
)
SHARES = (0.62, 0.27, 0.06, 0.03, 0.02)  # of the event types, about as in the simulated shop
DAYS, START = 90, 1_704_067_200_000_000
EVENTS_A_USER, EVENTS_A_VISIT, ITEMS, CATEGORIES = 370, 9, 5000, 40


def write_log(folder: Path, events: int, seed: int) -> None:
    """Write `events` skewed events by (user, time) as sessions.parquet, the decision points among them as
    examples.parquet, and the items they are about as items.parquet."""
    log = _log(events, seed)
    write_table(log, folder / "sessions.parquet")
    decided = pc.is_in(log["event_type"], pa.array(DECISION_TYPES))
    examples = log.filter(decided).select(["user_id", "item_id", "timestamp", "event_type"])
    write_table(examples, folder / "examples.parquet")
    category = _names("c", CATEGORIES).take(pa.array(np.arange(ITEMS) % CATEGORIES))
    items = {"item_id": _names("i", ITEMS), "category": category, "base_price": pa.nulls(ITEMS, pa.float64())}
    write_table(pa.table(items), folder / "items.parquet")


def _log(events: int, seed: int) -> pa.Table:
    """A few users do most of what is done, and a few items get most of it; events come in visits, some at one time."""
    rng = np.random.default_rng(seed)
    users, visits = max(events // EVENTS_A_USER, 1), max(events // EVENTS_A_VISIT, 1)
    activity = rng.lognormal(0, 1.2, users)
    visitor = rng.choice(users, visits, p=activity / activity.sum())
    opens = rng.integers(0, DAYS * 86_400_000_000, visits)
    visit = np.sort(rng.integers(0, visits, events))
    user = visitor[visit]
    time = START + opens[visit] + rng.integers(0, 1_500, events) * 1_000_000
    item = rng.zipf(1.3, events) % ITEMS
    order = np.lexsort((time, user))
    return pa.table(
        {
            "user_id": _names("u", users).take(pa.array(user[order])),
            "item_id": _names("i", ITEMS).take(pa.array(item[order])),
            "event_type": pa.array(EVENT_TYPES).take(pa.array(rng.choice(5, events, p=SHARES))),
            "timestamp": pa.array(time[order], pa.timestamp("us", tz="UTC")),
            # None of the columns needs them, and the kernel's reader is the only one that would read them.
            "price": pa.nulls(events, pa.float64()),
            "duration_seconds": pa.nulls(events, pa.float64()),
        },
        schema=EVENTS.arrow,
    )


def _names(prefix: str, count: int) -> pa.Array:
    return pa.array([f"{prefix}{n:07d}" for n in range(count)])


def read_log(folder: Path) -> pa.Table:
    """The columns that the columns asked for need, each item with its category."""
    log = pq.read_table(folder / "sessions.parquet", columns=["user_id", "item_id", "event_type", "timestamp"])
    log = log.set_column(1, "item_id", log["item_id"].combine_chunks().dictionary_encode())
    items = pq.read_table(folder / "items.parquet")
    coded = log["item_id"].combine_chunks()
    row = pc.index_in(coded.dictionary, value_set=items["item_id"].combine_chunks())
    category = items["category"].combine_chunks().take(row)
    return log.append_column("category", category.take(coded.indices))
