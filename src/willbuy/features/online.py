"""Features at a moment, from what a server keeps of its shoppers: arrays in, one kernel call, arrays out.

A record is what features need of an event; a store keeps records and daily counts, never features. Items go by a
number of 64 bits here, any that tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from willbuy.compiled import entry
from willbuy.features import kernel, places
from willbuy.features.definitions import FEATURES
from willbuy.features.feature import DAYS
from willbuy.features.plan import compile_plan

# `key` tells an event from its copies; features do not read it. Null is NaN.
RECORD = np.dtype([("time", "i8"), ("item", "i8"), ("key", "i8"), ("cents", "f8"), ("ms", "f8"), ("type", "i8")])
POINT = np.dtype([("time", "i8"), ("item", "i8"), ("price", "f8"), ("is_cart", "i8")])
TALLIED_DAYS = max(DAYS.values())
PLAN = compile_plan(FEATURES)


class Shopper(NamedTuple):
    """One user's `records` in time order, the times `ever` (7,) before them (see kernel.Log), and decision `points`."""

    records: np.ndarray
    ever: np.ndarray
    points: np.ndarray


class Day(NamedTuple):
    """A UTC day (since 1970), and what `items` (n,) saw before it.

    The items are in order and differ. `counts` (n, 30, 3): views, carts and purchases of everyone on each of the 30
    days before, the latest last.
    """

    number: int
    items: np.ndarray
    counts: np.ndarray


def compute(
    shoppers: Sequence[Shopper],
    day: Day,
    look_up: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    gap_us: int,
) -> np.ndarray:
    """Every feature of FEATURES for every decision point: float64 (features, points), null is NaN.

    The points are those of `shoppers`, one after another, in the order given, all of them on `day`, and `day.items`
    are their items. `look_up` gives base prices (NaN is null) and category codes (-1 is null) of items. A category
    is answered by its code.
    """
    events_start = _starts([shopper.records for shopper in shoppers])
    points_start = _starts([shopper.points for shopper in shoppers])
    points = np.concatenate([shopper.points for shopper in shoppers])
    items, local = _numbered([*(shopper.records["item"] for shopper in shoppers), points["item"]])
    base_price, category = look_up(items)
    order = _in_time(points, points_start)
    events = _events(shoppers, events_start, local, base_price)
    log = kernel.Log(events_start, events, np.array([shopper.ever for shopper in shoppers]))
    decided = local[events_start[-1] :]
    decisions = kernel.Decisions(points_start, _decisions(points, decided)[order])
    row = np.empty(len(day.items), np.int64)
    row[np.searchsorted(day.items, points["item"])] = decided
    out = np.empty((len(FEATURES), len(points)))
    kernel.compute(log, decisions, _catalogue(base_price, category, row, day), PLAN, gap_us, out)
    answer = np.empty_like(out)
    answer[:, order] = out
    return answer


def _starts(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([0, *accumulate(map(len, parts))])


def _in_time(points: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The order of the points by user and time."""
    if len(points) == len(start) - 1:
        return np.arange(len(points))
    return np.lexsort((points["time"], np.repeat(np.arange(len(start) - 1), np.diff(start))))


def _numbered(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The different items in `columns`, as they turn up, and for each place which of them it is."""
    total = sum(map(len, columns))
    items, local = np.empty(total, np.int64), np.empty(total, np.int64)
    slots = places.slots(total)
    known = start = 0
    for column in columns:
        known = places.place(column, slots, items, known, local[start : start + len(column)])
        start += len(column)
    return items[:known], local


# In numpy, this loop would cost as much as the kernel itself.
@entry
def _fill(records, local, base_price, events):
    for n in range(len(records)):
        record, event = records[n], events[n]
        base_cents = np.rint(base_price[local[n]] * 100)
        event.time, event.cents, event.ms = record.time, record.cents, record.ms
        event.item, event.type = local[n], record.type
        event.points = np.rint(10000 * (base_cents - record.cents) / base_cents) if base_cents != 0 else np.nan


def _events(shoppers: Sequence[Shopper], start: np.ndarray, local: np.ndarray, base_price: np.ndarray) -> np.ndarray:
    events = np.empty(start[-1], kernel.EVENT_RECORD)
    for n, shopper in enumerate(shoppers):
        mine = slice(start[n], start[n + 1])
        _fill(shopper.records, local[mine], base_price, events[mine])
    return events


def _decisions(points: np.ndarray, item: np.ndarray) -> np.ndarray:
    decisions = np.empty(len(points), kernel.DECISION_RECORD)
    for name in ("time", "price", "is_cart"):
        decisions[name] = points[name]
    decisions["item"] = item
    return decisions


def _catalogue(base_price: np.ndarray, category: np.ndarray, row: np.ndarray, day: Day) -> kernel.Catalogue:
    """All items, with the tallies of those of the day, which stand in `row`."""
    records = np.zeros(len(base_price), kernel.ITEM_RECORD)
    records["base_price"], records["category"] = base_price, category
    start = np.arange(len(day.items)) * TALLIED_DAYS
    records["start"][row], records["stop"][row] = start, start + TALLIED_DAYS
    tallies = np.zeros(len(day.items) * TALLIED_DAYS + 1, kernel.TALLY_RECORD)
    tallies["day"][:-1] = np.tile(np.arange(day.number - TALLIED_DAYS, day.number), len(day.items))
    for n, measure in enumerate(("views", "carts", "purchases")):
        tallies[measure][1:] = np.cumsum(day.counts[:, :, n])
    return kernel.Catalogue(records, tallies)
