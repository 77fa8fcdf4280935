"""Features at a moment, from what a server keeps of its shoppers: arrays in, one kernel call, arrays out.

A record is what features need of an event; a store keeps records and daily counts, never features. Items go by a
number of 64 bits here, any that tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from willbuy.features import kernel
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

    `counts` (n, 30, 3): views, carts and purchases of everyone on each of the 30 days before, the latest last.
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
    holds their items. `look_up` gives base prices (NaN is null) and category codes (-1 is null) of items. A category
    is answered by its code.
    """
    records = np.concatenate([shopper.records for shopper in shoppers])
    points = np.concatenate([shopper.points for shopper in shoppers])
    items, local = np.unique(np.concatenate([records["item"], points["item"]]), return_inverse=True)
    base_price, category = look_up(items)
    starts = _starts([shopper.points for shopper in shoppers])
    order = np.lexsort((points["time"], np.repeat(np.arange(len(shoppers)), np.diff(starts))))
    log = kernel.Log(
        _starts([shopper.records for shopper in shoppers]),
        _events(records, local[: len(records)], base_price),
        np.stack([shopper.ever for shopper in shoppers]),
    )
    decisions = kernel.Decisions(starts, _decisions(points, local[len(records) :])[order])
    out = np.empty((len(FEATURES), len(points)))
    kernel.compute(log, decisions, _catalogue(items, base_price, category, day), PLAN, gap_us, out)
    answer = np.empty_like(out)
    answer[:, order] = out
    return answer


def _starts(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])])


def _events(records: np.ndarray, item: np.ndarray, base_price: np.ndarray) -> np.ndarray:
    events = np.empty(len(records), kernel.EVENT_RECORD)
    for name in ("time", "cents", "ms", "type"):
        events[name] = records[name]
    events["item"] = item
    base_cents = np.rint(base_price * 100)[item]
    with np.errstate(divide="ignore", invalid="ignore"):
        points = np.rint(10000 * (base_cents - records["cents"]) / base_cents)
    events["points"] = np.where(base_cents != 0, points, np.nan)
    return events


def _decisions(points: np.ndarray, item: np.ndarray) -> np.ndarray:
    decisions = np.empty(len(points), kernel.DECISION_RECORD)
    for name in ("time", "price", "is_cart"):
        decisions[name] = points[name]
    decisions["item"] = item
    return decisions


def _catalogue(items: np.ndarray, base_price: np.ndarray, category: np.ndarray, day: Day) -> kernel.Catalogue:
    records = np.zeros(len(items), kernel.ITEM_RECORD)
    records["base_price"], records["category"] = base_price, category
    row, start = np.searchsorted(items, day.items), np.arange(len(day.items)) * TALLIED_DAYS
    records["start"][row], records["stop"][row] = start, start + TALLIED_DAYS
    tallies = np.zeros(len(day.items) * TALLIED_DAYS + 1, kernel.TALLY_RECORD)
    tallies["day"][:-1] = np.tile(np.arange(day.number - TALLIED_DAYS, day.number), len(day.items))
    for n, measure in enumerate(("views", "carts", "purchases")):
        tallies[measure][1:] = np.cumsum(day.counts[:, :, n])
    return kernel.Catalogue(records, tallies)
