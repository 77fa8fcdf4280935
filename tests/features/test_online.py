"""Features at a moment equal the table's, bit for bit, whatever is asked together and in whatever order."""

from itertools import groupby

import numpy as np
import pytest
from features.histories import CATALOGUES, DAY, GAP, ITEM_IDS, features_of, histories, microseconds, write_log
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.features import kernel
from willbuy.features.definitions import FEATURES
from willbuy.features.feature import TALLIED_DAYS
from willbuy.features.online import DECISION, RECORD, Day, Shopper, compute
from willbuy.schema import EVENT_TYPES

CATEGORIES = ("Books", "Sports")
NUMBERS = {item_id: number for number, item_id in enumerate(ITEM_IDS, -1)}  # any numbers will do, negative ones too
MEASURES = ("view", "add_to_cart", "purchase")


def number(value, scale=1.0):
    return np.nan if value is None else np.rint(value * scale) if scale != 1 else value


def records_of(log):
    records = np.zeros(len(log), RECORD)
    for n, e in enumerate(sorted(log, key=lambda e: e["timestamp"])):
        kind = EVENT_TYPES.index(e["event_type"])
        cents, ms = number(e["price"], 100), number(e["duration_seconds"], 1000)
        records[n] = (e["timestamp"], NUMBERS[e["item_id"]], n, cents, ms, kind)
    return records


def records_for(decisions):
    records = np.zeros(len(decisions), DECISION)
    for n, d in enumerate(decisions):
        records[n] = (d["timestamp"], NUMBERS[d["item_id"]], number(d["price"]), d["event_type"] == "add_to_cart")
    return records


def day_of(log, day, decisions):
    items = sorted({d["item_id"] for d in decisions}, key=NUMBERS.get)
    counts = np.zeros((len(items), TALLIED_DAYS, 3), np.int64)
    for event in log:
        ago = day - event["timestamp"] // DAY
        if event["item_id"] in items and event["event_type"] in MEASURES and 1 <= ago <= TALLIED_DAYS:
            counts[items.index(event["item_id"]), -ago, MEASURES.index(event["event_type"])] += 1
    return Day(day, np.array([NUMBERS[i] for i in items]), counts)


def look_up_in(items):
    names = {number: items.get(item_id, {}) for item_id, number in NUMBERS.items()}

    def look_up(numbers):
        found = [names[n] for n in numbers.tolist()]
        codes = [CATEGORIES.index(c) if (c := item.get("category")) else -1 for item in found]
        return np.array([number(item.get("base_price")) for item in found], float), np.array(codes, np.int64)

    return look_up


def online(log, items, decisions):
    """The features of `decisions` on one day, as lists with None for null."""
    users = list(dict.fromkeys(d["user_id"] for d in decisions))
    shoppers = [
        Shopper(
            records_of([e for e in log if e["user_id"] == user]),
            np.full(7, kernel.NEVER),
            records_for([d for d in decisions if d["user_id"] == user]),
        )
        for user in users
    ]
    order = sorted(range(len(decisions)), key=lambda n: users.index(decisions[n]["user_id"]))
    day = decisions[0]["timestamp"] // DAY
    out = compute(shoppers, day_of(log, day, decisions), look_up_in(items), GAP)
    rows = [[_value(f, v) for f, v in zip(FEATURES, column, strict=True)] for column in out.T]
    return [rows[order.index(n)] for n in range(len(decisions))]


def _value(feature, value):
    if np.isnan(value):
        return None
    return CATEGORIES[int(value)] if feature.dtype == "string" else float(value)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(log=histories(most=30), items=CATALOGUES, data=st.data())
def test_the_features_of_a_moment_are_those_of_the_table(tmp_path_factory, log, items, data):
    folder = tmp_path_factory.mktemp("log")
    write_log(log, items, folder)
    table = [{**row, "timestamp": microseconds(row["timestamp"])} for row in features_of(folder).to_pylist()]
    for _, day in groupby(sorted(table, key=lambda row: row["timestamp"] // DAY), lambda row: row["timestamp"] // DAY):
        asked = data.draw(st.permutations(list(day)))
        # Events that differ in price alone are told apart by the price that the table answers.
        decisions = [{**row, "price": row["item_price"]} for row in asked]
        for row, found in zip(asked, online(log, items, decisions), strict=True):
            assert found == [row[f.name] for f in FEATURES]
