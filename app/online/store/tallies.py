"""Daily counts of items as a store keeps them: one string of bytes for an item and a run of 64 days."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from willbuy.clock import DAY_US
from willbuy.features.feature import EVENTS, TALLIED_DAYS
from willbuy.features.kernel import NEVER, TALLIED

DAYS, MEASURES = 64, len(TALLIED)
COUNTS = np.dtype(">u4")  # big-endian: Redis adds to them in place
CELLS = DAYS * MEASURES
# Of each event type; what is not counted is -1.
MEASURE = np.array([TALLIED.index(measure) if measure in TALLIED else -1 for measure in EVENTS])


class Increment(NamedTuple):
    """What to add to the cells of one item and run of days; cell = day in the run x 3 + measure."""

    item: int
    run: int
    cells: np.ndarray
    counts: np.ndarray


def increments(records: np.ndarray) -> Iterator[Increment]:
    """What the events `records` add to the counts."""
    measure = MEASURE[records["type"]]
    records, measure = records[measure >= 0], measure[measure >= 0]
    day = records["time"] // DAY_US
    keys = np.stack([records["item"], day // DAYS, day % DAYS * MEASURES + measure], axis=1)
    keys, counts = np.unique(keys, axis=0, return_counts=True)
    ends = np.flatnonzero((np.diff(keys[:, :2], axis=0) != 0).any(axis=1)) + 1
    for mine, number in zip(np.split(keys, ends), np.split(counts, ends), strict=True):
        if len(mine):
            yield Increment(int(mine[0, 0]), int(mine[0, 1]), mine[:, 2], number)


def uncounted(records: np.ndarray) -> dict[int, int]:
    """By item, the latest day of the events `records`, which are too old to be counted: they may have been already."""
    latest: dict[int, int] = {}
    for item, time in records[["item", "time"]][MEASURE[records["type"]] >= 0].tolist():
        latest[item] = max(latest.get(item, NEVER), time // DAY_US)
    return latest


def added(content: bytes | None, increment: Increment) -> bytes:
    """The counts of a run with `increment` added; None stands for none yet."""
    counts = np.frombuffer(content, COUNTS).copy() if content else np.zeros(CELLS, COUNTS)
    counts[increment.cells] += increment.counts.astype(COUNTS)
    return counts.tobytes()


def runs(day: int) -> list[int]:
    """The runs that hold the 30 days before `day`: one or two."""
    return sorted({(day - TALLIED_DAYS) // DAYS, (day - 1) // DAYS})


def window(contents: Sequence[bytes | None], day: int) -> np.ndarray:
    """The counts (n, 30, 3) of the 30 days before `day`.

    `contents` holds for each of n items its strings for `runs(day)`, one after another, None or short where the rest
    is 0.
    """
    whole = b"".join([(content or b"").ljust(CELLS * COUNTS.itemsize, b"\0") for content in contents])
    counts = np.frombuffer(whole, COUNTS).reshape(-1, len(runs(day)) * DAYS, MEASURES)
    first = day - TALLIED_DAYS - runs(day)[0] * DAYS
    return counts[:, first : first + TALLIED_DAYS].astype(np.int64)
