"""From the columns of a bucket to the kernel's records: strings become codes, money cents, durations milliseconds."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from willbuy.compiled import entry
from willbuy.features import kernel
from willbuy.features.amounts import cents, milliseconds
from willbuy.features.buckets import Bucket
from willbuy.features.kernel import Measure
from willbuy.schema import EVENT_TYPES

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
    log = kernel.Log(start, events, np.full((len(users), kernel.FIRST + 1), kernel.NEVER))
    return log, [_decisions(table, users, log, price, items) for table in bucket.decisions]


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


def _positions(column: pa.ChunkedArray, values: pa.Array) -> np.ndarray:
    """Where in `values` each string of the column stands."""
    names, coded = codes(column)
    return pc.index_in(names, value_set=values).to_numpy()[coded]


def _records(table: pa.Table, dtype: np.dtype, items: Items) -> np.ndarray:
    records = np.empty(len(table), dtype)
    records["time"] = table["timestamp"].cast(pa.int64()).to_numpy()
    records["item"] = _positions(table["item_id"], items.ids)
    return records


def _events(table: pa.Table, price: np.ndarray, items: Items) -> np.ndarray:
    events = _records(table, kernel.EVENT_RECORD, items)
    events["type"] = _positions(table["event_type"], pa.array(EVENT_TYPES))
    events["cents"] = cents(price)
    events["ms"] = milliseconds(_numbers(table["duration_seconds"]))
    return events


def _decisions(table: pa.Table, users: pa.Array, log: kernel.Log, price: np.ndarray, items: Items) -> kernel.Decisions:
    """The decision points in `table`, laid out by user as the log is."""
    deciding, start = _runs(table["user_id"])
    position = pc.index_in(deciding, value_set=users)
    _check(position.null_count == 0, "decision points of a user who is not in the log")
    counts = np.zeros(len(users), np.int64)
    counts[position.to_numpy()] = np.diff(start)
    records = _records(table, kernel.DECISION_RECORD, items)
    records["is_cart"] = _positions(table["event_type"], pa.array(EVENT_TYPES)) == Measure.CART
    decisions = kernel.Decisions(np.concatenate([[0], np.cumsum(counts)]), records)
    rows = np.full(len(table), -1)
    _find(log, decisions, rows)
    missing = np.flatnonzero(rows < 0)
    _check(not len(missing), "decision points that are not events of sessions.parquet, in the same order", missing)
    records["price"] = price[rows]
    return decisions


def _check_order(users: pa.Array, start: np.ndarray, time: np.ndarray) -> None:
    back = np.flatnonzero(np.diff(time) < 0) + 1
    back = back[~np.isin(back, start)]
    _check(not len(back), "events out of time order within a user", back)
    descends = pc.less_equal(users[1:], users[:-1]).to_numpy(zero_copy_only=False)
    _check(not descends.any(), "users out of order", start[1:-1][descends])


@entry
def _find(log, decisions, rows):
    """Put the event row of each decision point that has one into `rows`: one pass, as both are in the same order."""
    for u in range(len(log.start) - 1):
        e = log.start[u]
        for d in range(decisions.start[u], decisions.start[u + 1]):
            decision = decisions.records[d]
            kind = Measure.CART if decision.is_cart else Measure.VIEW
            while e < log.start[u + 1] and rows[d] < 0:
                event = log.events[e]
                if event.time == decision.time and event.item == decision.item and event.type == kind:
                    rows[d] = e
                e += 1
