"""Features from what a server keeps of its shoppers: arrays in, one kernel call, arrays out.

A record is what features need of an event; a store keeps records and daily counts, never features. Items go by a
number of 64 bits here, any that tells them apart.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from willbuy.features import kernel, places
from willbuy.features.definitions import FEATURES
from willbuy.features.feature import TALLIED_DAYS
from willbuy.features.plan import compile_plan

# `key` tells an event from its copies; features do not read it. Null is NaN.
RECORD = np.dtype([("time", "i8"), ("item", "i8"), ("key", "i8"), ("cents", "f8"), ("ms", "f8"), ("type", "i8")])
DECISION = np.dtype([("time", "i8"), ("item", "i8"), ("price", "f8"), ("is_cart", "i8")])
PLAN = compile_plan(FEATURES)


class Shopper(NamedTuple):
    """One user's `records` in time order, the times `ever` (7,) before them (see kernel.Log), and `decisions`."""

    records: np.ndarray
    ever: np.ndarray
    decisions: np.ndarray


class Day(NamedTuple):
    """A UTC day (since 1970), and what `items` (n,) saw before it.

    The items are in order and differ. `counts` (n, TALLIED_DAYS, measures): everyone's events of kernel.TALLIED on each
    of the days before, the latest last.
    """

    number: int
    items: np.ndarray
    counts: np.ndarray


def compute(
    shoppers: Sequence[Shopper], day: Day, look_up: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], gap_us: int
) -> np.ndarray:
    """Every feature of FEATURES for every decision point: float64 (features, decisions), null is NaN.

    The decision points are those of `shoppers`, one after another, in the order given, all of them on `day`, and
    `day.items` are their items. `look_up` gives base prices (NaN is null) and category codes (kernel.NO_CATEGORY is
    null) of items. A category is answered by its code.
    """
    start = _starts([shopper.records for shopper in shoppers])
    decisions_start = _starts([shopper.decisions for shopper in shoppers])
    records = np.concatenate([shopper.records for shopper in shoppers])
    decisions = np.concatenate([shopper.decisions for shopper in shoppers])
    items, place = _placed(np.concatenate([records["item"], decisions["item"]]))
    seen, decided = place[: len(records)], place[len(records) :]
    log = kernel.Log(start, _as(kernel.EVENT_RECORD, records, seen), np.array([shopper.ever for shopper in shoppers]))
    order = _in_time(decisions, decisions_start)
    ordered = kernel.Decisions(decisions_start, _as(kernel.DECISION_RECORD, decisions[order], decided[order]))
    row = np.empty(len(day.items), np.int64)
    row[np.searchsorted(day.items, decisions["item"])] = decided
    out = np.empty((len(FEATURES), len(decisions)))
    kernel.compute(log, ordered, _catalogue(*look_up(items), row, day), PLAN, gap_us, out)
    answer = np.empty_like(out)
    answer[:, order] = out
    return answer


def _starts(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([0, *accumulate(map(len, parts))])


def _in_time(decisions: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The order of the decision points by user and time."""
    if len(decisions) == len(start) - 1:
        return np.arange(len(decisions))
    return np.lexsort((decisions["time"], np.repeat(np.arange(len(start) - 1), np.diff(start))))


def _placed(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different items among `numbers`, as they turn up, and for each number which of them it is."""
    items, place = np.empty_like(numbers), np.empty_like(numbers)
    known = places.place(numbers, places.slots(len(numbers)), items, 0, place)
    return items[:known], place


def _as(dtype: np.dtype, records: np.ndarray, item: np.ndarray) -> np.ndarray:
    """The records as the kernel reads them, by the rows of their items."""
    found = np.empty(len(records), dtype)
    for name in set(dtype.names or ()) & set(records.dtype.names or ()):
        found[name] = records[name]
    found["item"] = item
    return found


def _catalogue(base_price: np.ndarray, category: np.ndarray, row: np.ndarray, day: Day) -> kernel.Catalogue:
    """All items, with the tallies of those of the day, which stand in `row`."""
    records = np.zeros(len(base_price), kernel.ITEM_RECORD)
    records["base_price"], records["category"] = base_price, category
    start = np.arange(len(day.items)) * TALLIED_DAYS
    records["start"][row], records["stop"][row] = start, start + TALLIED_DAYS
    tallies = np.zeros(len(day.items) * TALLIED_DAYS + 1, kernel.TALLY_RECORD)
    tallies["day"][:-1] = np.tile(np.arange(day.number - TALLIED_DAYS, day.number), len(day.items))
    tallies["counts"][1:] = np.cumsum(day.counts.reshape(-1, len(kernel.TALLIED)), axis=0)
    return kernel.Catalogue(records, tallies)
