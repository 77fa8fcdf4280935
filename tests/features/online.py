"""The kernel on its own, as a server calls it: a few events and decision points in memory, no tables."""

from __future__ import annotations

import numpy as np
from features.histories import GAP

from willbuy.clock import DAY_US
from willbuy.features import kernel
from willbuy.features.definitions import FEATURES
from willbuy.features.plan import compile_plan
from willbuy.schema import EVENT_TYPES

CATEGORIES = ("Books", "Sports")
COUNTED = ("view", "add_to_cart", "purchase")
PLAN = compile_plan(FEATURES)


def number(value):
    return np.nan if value is None else value


def catalogue_of(log, items, ids) -> kernel.Catalogue:
    records, tallies = np.zeros(len(ids), kernel.ITEM_RECORD), []
    for n, item_id in enumerate(ids):
        item = items.get(item_id, {"category": None, "base_price": None})
        category = -1 if item["category"] is None else CATEGORIES.index(item["category"])
        days = sorted({e["timestamp"] // DAY_US for e in log if e["item_id"] == item_id})
        records[n] = (number(item["base_price"]), category, len(tallies), len(tallies) + len(days))
        tallies += [(day, item_id) for day in days]
    table = np.zeros(len(tallies) + 1, kernel.TALLY_RECORD)
    for n, (day, item_id) in enumerate(tallies):
        table[n]["day"] = day
        seen = [e["event_type"] for e in log if (e["timestamp"] // DAY_US, e["item_id"]) == (day, item_id)]
        table["counts"][n + 1] = table["counts"][n] + [seen.count(event_type) for event_type in COUNTED]
    return kernel.Catalogue(records, table)


def log_of(mine, ids, catalogue) -> kernel.Log:
    records = np.zeros(len(mine), kernel.EVENT_RECORD)
    for n, e in enumerate(sorted(mine, key=lambda e: e["timestamp"])):
        cents, item = np.rint(number(e["price"]) * 100), ids.index(e["item_id"])
        ms = np.rint(number(e["duration_seconds"]) * 1000)
        records[n] = (e["timestamp"], cents, ms, item, EVENT_TYPES.index(e["event_type"]), 0, 0)
    return kernel.Log(np.array([0, len(mine)]), records, np.full((1, 7), kernel.NEVER))


def decisions_of(decisions, ids) -> kernel.Decisions:
    records = np.zeros(len(decisions), kernel.DECISION_RECORD)
    for n, d in enumerate(decisions):
        is_cart = d["event_type"] == "add_to_cart"
        records[n] = (d["timestamp"], number(d["price"]), ids.index(d["item_id"]), is_cart, 0, 0)
    return kernel.Decisions(np.array([0, len(decisions)]), records)


def features_of(log, items, decisions, ever=None) -> list[dict]:
    """The features of one user's `decisions`, which need not be in `log`, as dicts with None for null."""
    ids = sorted({e["item_id"] for e in log} | {d["item_id"] for d in decisions})
    catalogue = catalogue_of(log, items, ids)
    mine = log_of([e for e in log if e["user_id"] == decisions[0]["user_id"]], ids, catalogue)
    mine = mine if ever is None else mine._replace(ever=ever)
    out = np.empty((len(FEATURES), len(decisions)))
    kernel.compute(mine, decisions_of(decisions, ids), catalogue, PLAN, GAP, out)
    return [{f.name: _value(f, v) for f, v in zip(FEATURES, column, strict=True)} for column in out.T]


def _value(feature, value):
    if np.isnan(value):
        return None
    return CATEGORIES[int(value)] if feature.dtype == "string" else float(value)
