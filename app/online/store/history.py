"""One user's history as a store keeps it: a string of bytes that grows at its end, and how events come into it.

A head of eight numbers (the time since which every event is kept, and the times `ever` of kernel.Log for those that
are not) is followed by records, in the order in which they came. What is older than the retention is dropped a
block of records at a time; the head keeps exact running values of what the features of "ever" need of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from app.online.store.error import StoreError
from app.online.store.retention import Retention
from willbuy.features.feature import LOOKBACK_US
from willbuy.features.kernel import FIRST, FOREVER, NEVER, Measure
from willbuy.features.online import RECORD
from willbuy.schema import EVENT_TYPES

EVENT = Measure.EVENT
HEAD = 1 + FIRST + 1
HEAD_BYTES = 8 * HEAD
EMPTY = np.full(HEAD, NEVER).tobytes()
MOST = 20_000  # events of a user: what a request costs is bounded, whoever sent them
BLOCK = 80  # records that are dropped together, so that few histories are written anew
ACCEPTED, DUPLICATE, TOO_OLD = range(3)


class History(NamedTuple):
    """`since`: all events from then on are in `records`, in time order; `ever` tells of those before."""

    since: int
    ever: np.ndarray
    records: np.ndarray

    def answered_from(self, gap_us: int) -> int:
        """The time from which on decision points can be answered, NEVER if any can.

        Before it, one may need a dropped event: for its longest window, or for a session that had begun before what
        is kept. Such a session lasts until the first gap longer than `gap_us` after the latest dropped event; until it
        has left the longest window, what it is among the sessions of that window is not known.
        """
        dropped = self.ever[EVENT]
        if dropped == NEVER:
            return NEVER
        times = np.append(dropped, self.records["time"])
        ends = np.append(np.flatnonzero(np.diff(times) > gap_us), len(times) - 1)
        return max(self.since + LOOKBACK_US, int(times[ends[0]]) + max(gap_us, LOOKBACK_US) + 1)


class Merged(NamedTuple):
    """The new history, the records that were new to it, those too old for it, and what became of each one given."""

    content: bytes
    fresh: np.ndarray
    late: np.ndarray
    fate: np.ndarray


def unpack(content: bytes) -> History:
    """The history in `content`; empty if that is."""
    head, records = _split(content)
    times = records["time"]
    if (times[1:] < times[:-1]).any():
        records = records[np.argsort(times, kind="stable")]
    return History(int(head[0]), head[1:], records)


def is_before(content: bytes, time: int) -> bool:
    """Whether there is anything in `content`, and all of it happened before `time`. Before FOREVER is anything."""
    if not content or time == FOREVER:
        return bool(content)
    head, records = _split(content)
    return max(head[1:].max(), records["time"].max(initial=NEVER)) < time


def merge(content: bytes, new: np.ndarray, retention: Retention) -> Merged:
    """Put the records `new` into a history. One whose key is there, or is given twice, is taken once.

    One from before what is kept is only folded into the running values, which may be done twice without harm.
    """
    head, kept = _split(content)
    fate = np.full(len(new), DUPLICATE)
    fate[np.unique(new["key"], return_index=True)[1]] = ACCEPTED
    fate[np.isin(new["key"], kept["key"])] = DUPLICATE
    fate[new["time"] < head[0]] = TOO_OLD
    fresh, late = new[fate == ACCEPTED], new[fate == TOO_OLD]
    _fold(head, late)
    records = _trim(head, np.concatenate([kept, fresh]), retention)
    return Merged(head.tobytes() + records.tobytes(), fresh, late, fate)


def merge_all(contents: Sequence[bytes], events: Sequence[np.ndarray], retention: Retention) -> list[Merged]:
    """`merge` for several users."""
    return [merge(content, new, retention) for content, new in zip(contents, events, strict=True)]


def outcome(merged: Sequence[Merged]) -> np.ndarray:
    """How many records were ACCEPTED, DUPLICATE and TOO_OLD."""
    return np.bincount(np.concatenate([m.fate for m in merged]), minlength=3)


def _split(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    # Numba would compile once more for read-only memory.
    copy = bytearray(content or EMPTY)
    if len(copy) < HEAD_BYTES or (len(copy) - HEAD_BYTES) % RECORD.itemsize:
        raise StoreError("what is kept of a user is damaged")
    head, records = np.frombuffer(copy, np.int64, HEAD), np.frombuffer(copy, RECORD, offset=HEAD_BYTES)
    # The kernel uses the type as an index. A negative one is a large one without its sign.
    if len(records) and records["type"].view(np.uint64).max() >= len(EVENT_TYPES):
        raise StoreError("what is kept of a user is damaged")
    return head, records


def _fold(head: np.ndarray, records: np.ndarray) -> None:
    """Let the running values know of `records`, which are not kept."""
    if not len(records):
        return
    ever, times = head[1:], records["time"]
    np.maximum.at(ever, records["type"], times)
    ever[EVENT] = max(ever[EVENT], times.max())
    ever[FIRST] = times.min() if ever[FIRST] == NEVER else min(ever[FIRST], times.min())


def _trim(head: np.ndarray, records: np.ndarray, retention: Retention) -> np.ndarray:
    """Fold what is too old, or too many, into the running values; what remains."""
    if len(records) <= MOST and _count_before(records["time"], retention) < BLOCK:
        return records
    records = records[np.argsort(records["time"], kind="stable")]
    drop = max(_too_old(records["time"], retention), _too_many(records["time"]))
    if drop < BLOCK:
        return records
    _fold(head, records[:drop])
    head[0] = records["time"][drop - 1] + 1
    return records[drop:]


def _count_before(times: np.ndarray, retention: Retention) -> int:
    """How many events happened before what is kept."""
    if retention.gap_us is None:
        return 0
    oldest = times[times <= retention.now].max(initial=NEVER) - retention.kept_us
    return int((times < oldest).sum())


def _too_old(times: np.ndarray, retention: Retention) -> int:
    """How many of the first `times` to drop, which are in order."""
    if retention.gap_us is None:
        return 0
    drop = _count_before(times, retention)
    # A session that reaches across is kept whole: its features tell of its beginning.
    ends = np.flatnonzero(np.diff(times[: drop + 1]) > retention.gap_us)
    return int(ends[-1]) + 1 if len(ends) else 0


def _too_many(times: np.ndarray) -> int:
    """The same for a user of more than MOST events: a tenth of them at once, so that it is seldom."""
    if len(times) <= MOST:
        return 0
    last = times[len(times) - MOST + MOST // 10 - 1]
    return int(np.searchsorted(times, last, "right"))  # what is kept begins after a time, not in the middle of it
