"""From the columns of a bucket to the kernel's records: strings become codes, money cents, durations milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from willbuy.compiled import entry
from willbuy.features import kernel
from willbuy.features.buckets import Bucket
from willbuy.schema import CART, EVENT_TYPES

LARGEST = 1e9  # in currency or seconds; sums of some hundred thousand stay exact below 2**53


@dataclass(frozen=True)
class Items:
    """The items of a log: ids in order, the names of category codes, and the kernel's arrays.

    Memory grows with the days on which items saw events, not with items x days.
    """

    ids: pa.Array
    categories: pa.Array
    catalogue: kernel.Catalogue


def code(bucket: Bucket, items: Items) -> tuple[kernel.Log, list[kernel.Decisions]]:
    """The kernel's view of `bucket`. A decision point carries the price of its own event.

    Raises ValueError where rows are out of (user_id, timestamp) order, where a decision point is not in the log, and
    where a price or a duration is beyond what the kernel sums exactly.
    """
    users, start = _runs(bucket.events["user_id"])
    price = _numbers(bucket.events["price"])
    events = _events(bucket.events, price, items)
    _check_order(users, start, events["time"])
    log = kernel.Log(start, events, np.full((len(users), 7), kernel.NEVER))
    return log, [_decisions(examples, users, log, price, items) for examples in bucket.examples]


def _check(holds: bool, what: str, rows=()) -> None:
    if not holds:
        where = f", first at row {rows[0]} of the bucket" if len(rows) else ""
        raise ValueError(f"the tables hold {what}{where}; run sessionize and split again")


def codes(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """The different strings of a column, and for each row which of them it is."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    coded = coded.unify_dictionaries().combine_chunks()
    return coded.dictionary, coded.indices.to_numpy()


def _runs(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """The users of a column sorted by user, and the rows at which each starts, with the end as the last."""
    names, coded = codes(column)
    first = np.flatnonzero(np.diff(coded, prepend=-1))
    return names.take(pa.array(coded[first])), np.append(first, len(coded))


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    numbers = column.to_numpy()
    _check(not (numbers > LARGEST).any(), f"prices or durations above {LARGEST:.0f}", np.flatnonzero(numbers > LARGEST))
    return numbers


def _times(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.int64()).to_numpy()


def _item_codes(column: pa.ChunkedArray, items: Items) -> np.ndarray:
    names, coded = codes(column)
    return pc.index_in(names, value_set=items.ids).to_numpy()[coded]


def _types(column: pa.ChunkedArray) -> np.ndarray:
    names, coded = codes(column)
    return pc.index_in(names, value_set=pa.array(EVENT_TYPES)).to_numpy()[coded]


def _events(table: pa.Table, price: np.ndarray, items: Items) -> np.ndarray:
    events = np.empty(len(table), kernel.EVENT_RECORD)
    columns = (
        _times(table["timestamp"]),
        _item_codes(table["item_id"], items),
        _types(table["event_type"]),
        price,
        _numbers(table["duration_seconds"]),
        items.catalogue.items["base_price"].copy(),
    )
    _fill(events, *map(_read_only, columns))
    return events


def _read_only(column: np.ndarray) -> np.ndarray:
    """As Arrow's arrays are that share its memory: numba would compile once more for arrays that can be written to."""
    column = column.view()
    column.flags.writeable = False
    return column


@entry
def _fill(events, time, item, kind, price, seconds, base_price):
    for e in range(len(events)):
        cents, base_cents = np.rint(price[e] * 100), np.rint(base_price[item[e]] * 100)
        events[e].time = time[e]
        events[e].item = item[e]
        events[e].type = kind[e]
        events[e].cents = cents
        events[e].points = np.rint(10000 * (base_cents - cents) / base_cents) if base_cents != 0 else np.nan
        events[e].ms = np.rint(seconds[e] * 1000)


def _decisions(table: pa.Table, users: pa.Array, log: kernel.Log, price: np.ndarray, items: Items) -> kernel.Decisions:
    """The decision points in `table`, laid out by user as the log is."""
    deciding, start = _runs(table["user_id"])
    position = pc.index_in(deciding, value_set=users)
    _check(position.null_count == 0, "decision points of a user who is not in the log")
    counts = np.zeros(len(users), np.int64)
    counts[position.to_numpy()] = np.diff(start)
    decisions = kernel.Decisions(np.concatenate([[0], np.cumsum(counts)]), _points(table, items))
    rows = np.full(len(table), -1)
    _find(log.start, log.events, decisions.start, decisions.points, EVENT_TYPES.index(CART), rows)
    missing = np.flatnonzero(rows < 0)
    _check(not len(missing), "decision points that are not events of sessions.parquet, in the same order", missing)
    decisions.points["price"] = price[rows]
    return decisions


def _points(table: pa.Table, items: Items) -> np.ndarray:
    points = np.zeros(len(table), kernel.DECISION_RECORD)
    points["time"] = _times(table["timestamp"])
    points["item"] = _item_codes(table["item_id"], items)
    points["is_cart"] = _types(table["event_type"]) == EVENT_TYPES.index(CART)
    return points


def _check_order(users: pa.Array, start: np.ndarray, time: np.ndarray) -> None:
    back = np.flatnonzero(np.diff(time) < 0) + 1
    back = back[~np.isin(back, start)]
    _check(not len(back), "events out of time order within a user", back)
    descends = pc.less_equal(users[1:], users[:-1]).to_numpy(zero_copy_only=False)
    _check(not descends.any(), "users out of order", start[1:-1][descends])


@entry
def _find(start, events, decision_start, points, cart, rows):
    """Put the event row of each decision point that has one into `rows`: one pass, as both are in the same order."""
    for u in range(len(start) - 1):
        e = start[u]
        for d in range(decision_start[u], decision_start[u + 1]):
            point, kind = points[d], cart if points[d].is_cart else 0
            while e < start[u + 1] and rows[d] < 0:
                event = events[e]
                if event.time == point.time and event.item == point.item and event.type == kind:
                    rows[d] = e
                e += 1
