"""The kernel: one pass over a user's events in time order computes every feature of their decision points.

Events strictly before a decision come in and add to a small table of counts; a tail pointer a window lets those that
are too old go and takes them off again. Nothing at or after t has come in when the row of t is written.

Everything compiled lives in this one file, because numba's cache watches only the file of the function called. The
functions are serial and release the GIL: the same code serves one user's events, and threads over runs of users.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

VIEW, SCROLL, CART, REMOVE, PURCHASE = range(5)  # event types, in the order of schema.EVENT_TYPES
EVENT, FIRST = 5, 6  # an event of any type; the user's first event
MEASURES = (
    "view", "scroll", "cart", "remove", "purchase", "event", "dwell_events", "dwell_ms", "viewed_prices",
    "viewed_cents", "viewed_discounts", "viewed_points", "bought_prices", "bought_cents",
)  # fmt: skip
DWELL, VIEWED, DISCOUNT, BOUGHT = 6, 8, 10, 12  # where each count and, next to it, its sum stand in MEASURES
MOMENT = (
    "price", "cents", "base_price", "base_cents", "points", "category", "hour", "weekday", "is_cart", "open_cart",
    "session_us",
)  # fmt: skip
USER, ITEM, CATEGORY = range(3)  # the keys of counts
NO_CATEGORY_ROW = 1
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
LOOKBACK_US = 30 * DAY_US  # how long a cart can stay open
NEVER = -(2**62)

# `item` is a row of the catalogue. The last two fields are scratch that `give_rows` fills. Null is NaN.
EVENT_RECORD = np.dtype(
    [("time", "i8"), ("cents", "f8"), ("points", "f8"), ("ms", "f8"), ("item", "i4"), ("type", "i4")]
    + [("item_row", "i4"), ("category_row", "i4")]
)
DECISION_RECORD = np.dtype(
    [("time", "i8"), ("price", "f8"), ("item", "i4"), ("is_cart", "i4"), ("item_row", "i4"), ("category_row", "i4")]
)
ITEM_RECORD = np.dtype([("base_price", "f8"), ("category", "i8"), ("start", "i8"), ("stop", "i8")])
TALLY_RECORD = np.dtype([("day", "i8"), ("counts", "i8", 3)])


class Log(NamedTuple):
    """Events in (user, time) order: user u's are events[start[u] : start[u + 1]].

    `ever` (users, 7) holds the times of each user's latest event of each type, of their latest and of their first
    event among those that came before the ones at hand; NEVER where there is none. Times are microseconds since 1970.
    """

    start: np.ndarray
    events: np.ndarray
    ever: np.ndarray


class Decisions(NamedTuple):
    """Decision points, laid out by user as the log is. They need not be in the log."""

    start: np.ndarray
    points: np.ndarray


class Catalogue(NamedTuple):
    """What is known of each item: base price, category code (-1 is null), and its tallies[start:stop].

    A tally is a day (since 1970) on which the item saw any event, ascending, with all views, carts and purchases of
    the rows of `tallies` before it. The last row closes the table.
    """

    items: np.ndarray
    tallies: np.ndarray


class Plan(NamedTuple):
    """Which quantities to keep and where they go: the definitions, compiled by plan.py. W windows, A ages.

    width (W,): microseconds, the last is the session · slot (3, W, measures): the column of the counts that a key's
    measure adds to, 0 where no feature needs it · rich (3, W): whether more than the counts of events is needed ·
    distinct (W, 3): the user's columns for different items viewed, items and categories · columns (3,): of each key ·
    age (A, 3): key, type, lookback · days (D,): windows of tallies · constants (C,) ·
    copies (n, 2): register, output column · ratios (n, 7): registers of (a b - c d) / (e f), output column
    """

    width: np.ndarray
    slot: np.ndarray
    rich: np.ndarray
    distinct: np.ndarray
    columns: np.ndarray
    age: np.ndarray
    days: np.ndarray
    constants: np.ndarray
    copies: np.ndarray
    ratios: np.ndarray


def compiled(function):
    return njit(nogil=True, cache=True, error_model="numpy")(function)


@compiled
def compute(log, decisions, catalogue, plan, gap_us, out):
    """Write the features of decision decisions.start[0] + r into row r of `out`, float64 with NaN for null.

    `gap_us` is the longest gap inside a session. Every number that goes into a formula is an integer held in float64,
    exact below 2**53, so no result depends on the order of events, users or threads.
    """
    rows = give_rows(log.start, log.events, decisions.start, decisions.points, catalogue.items)
    counts = np.zeros((rows.max(), plan.columns.max()))
    last = np.full((rows.max(), 7), NEVER)
    tail = np.zeros(len(plan.width), np.int64)
    register = np.zeros(len(plan.constants) + len(MOMENT) + plan.columns.sum() + len(plan.age) + 3 * len(plan.days))
    register[: len(plan.constants)] = plan.constants
    for u in range(len(rows)):
        counts[: rows[u]] = 0
        last[: rows[u]] = NEVER
        last[0] = log.ever[u]
        tail[:] = head = opened = log.start[u]
        for d in range(decisions.start[u], decisions.start[u + 1]):
            point = decisions.points[d]
            head, opened = _move(
                point.time, head, opened, log.start[u], log.start[u + 1], log.events, gap_us, tail, plan.width,
                plan.slot, plan.rich, plan.distinct, counts, last,
            )  # fmt: skip
            _load_moment(point, catalogue.items, last, register, len(plan.constants))
            n = len(plan.constants) + len(MOMENT)
            register[n - 1] = point.time - log.events[tail[-1]].time if tail[-1] < head else 0
            n = _load_counts(point, plan.columns, counts, register, n)
            n = _load_ages(point, plan.age, last, register, n)
            _load_tallies(point, catalogue.items, catalogue.tallies, plan.days, register, n)
            _write(plan.copies, plan.ratios, register, out[d - decisions.start[0]])


@compiled
def give_rows(start, events, decision_start, points, items):
    """Number each user's items and categories as they turn up; return how many rows of counts each user needs.

    Row 0 is the user's own, row 1 that of items without a category.
    """
    row = np.zeros(len(items) + items["category"].max() + 1, np.int32)
    owner = np.full(len(row), -1)
    used = np.full(len(start) - 1, 2)
    for u in range(len(used)):
        if decision_start[u] < decision_start[u + 1]:
            for e in range(start[u], start[u + 1]):
                used[u] = _give_row(events[e], u, items, row, owner, used[u])
            for d in range(decision_start[u], decision_start[u + 1]):
                used[u] = _give_row(points[d], u, items, row, owner, used[u])
    return used


@compiled
def _give_row(record, user, items, row, owner, used):
    category = items[record.item].category
    if owner[record.item] != user:
        owner[record.item], row[record.item] = user, used
        used += 1
    record.item_row, record.category_row = row[record.item], NO_CATEGORY_ROW
    if category >= 0:
        code = len(items) + category
        if owner[code] != user:
            owner[code], row[code] = user, used
            used += 1
        record.category_row = row[code]
    return used


@compiled
def _move(t, head, opened, first, stop, events, gap_us, tail, width, slot, rich, distinct, counts, last):
    """Bring the counts to time t. Returns the first event not before t, and the first of the latest session."""
    came = head
    while came < stop and events[came].time < t:
        if came > first and events[came].time - events[came - 1].time > gap_us:
            opened = came
        _remember(events[came], last)
        came += 1
    goes_on = came > first and t - events[came - 1].time <= gap_us
    for w in range(len(width)):
        keep = opened if goes_on else came
        if w < len(width) - 1:
            keep = tail[w]
            while keep < came and events[keep].time < t - width[w]:
                keep += 1
        _take_off(events, tail[w], min(keep, head), w, slot, rich, distinct, counts)
        _add(events, max(keep, head), came, w, slot, rich, distinct, counts)
        tail[w] = keep
    return came, opened


@compiled
def _remember(event, last):
    if last[0, FIRST] == NEVER:
        last[0, FIRST] = event.time
    for row in (np.int32(0), event.item_row, event.category_row):
        last[row, event.type] = event.time
        last[row, EVENT] = event.time


@compiled
def _add(events, start, stop, w, slot, rich, distinct, counts):
    for e in range(start, stop):
        _count_distinct(events[e], 1.0, w, slot, distinct, counts)
        _count(events[e], 1.0, w, slot, rich, counts)


@compiled
def _take_off(events, start, stop, w, slot, rich, distinct, counts):
    for e in range(start, stop):
        _count(events[e], -1.0, w, slot, rich, counts)
        _count_distinct(events[e], -1.0, w, slot, distinct, counts)


@compiled
def _count(event, sign, w, slot, rich, counts):
    """Add the event to the counts of the user, the item and the category. Column 0 takes what nothing reads."""
    rows = (np.int32(0), event.item_row, event.category_row)
    for key in range(3):
        row = counts[rows[key]]
        row[slot[key, w, event.type]] += sign
        row[slot[key, w, EVENT]] += sign
        if rich[key, w]:
            _sum(row, slot[key, w], DWELL, event.ms, sign)
            if event.type == VIEW:
                _sum(row, slot[key, w], VIEWED, event.cents, sign)
                _sum(row, slot[key, w], DISCOUNT, event.points, sign)
            elif event.type == PURCHASE:
                _sum(row, slot[key, w], BOUGHT, event.cents, sign)


@compiled
def _sum(row, slot, measure, value, sign):
    if not np.isnan(value):
        row[slot[measure]] += sign
        row[slot[measure + 1]] += sign * value


@compiled
def _count_distinct(event, sign, w, slot, distinct, counts):
    """Count an item or category whose first event is about to come in, or whose last one just went."""
    if event.type == VIEW and counts[event.item_row, slot[ITEM, w, VIEW]] == 0:
        counts[0, distinct[w, 0]] += sign
    if counts[event.item_row, slot[ITEM, w, EVENT]] == 0:
        counts[0, distinct[w, 1]] += sign
    if event.category_row != NO_CATEGORY_ROW and counts[event.category_row, slot[CATEGORY, w, EVENT]] == 0:
        counts[0, distinct[w, 2]] += sign


@compiled
def _points_off(cents, base_cents):
    """The discount in hundredths of a percent, a whole number; NaN where a price is NaN or the base price 0."""
    return np.rint(10000 * (base_cents - cents) / base_cents) if base_cents != 0 else np.nan


@compiled
def _load_moment(point, items, last, register, n):
    item, r, row = items[point.item], register[n:], last[point.item_row]
    r[0] = point.price
    r[1] = np.rint(r[0] * 100)
    r[2] = item.base_price
    r[3] = np.rint(r[2] * 100)
    r[4] = _points_off(r[1], r[3])
    r[5] = item.category if item.category >= 0 else np.nan
    r[6] = point.time % DAY_US // HOUR_US
    r[7] = (point.time // DAY_US + 3) % 7  # 1 January 1970 was a Thursday
    r[8] = point.is_cart
    is_open = row[CART] > max(row[REMOVE], row[PURCHASE]) and point.time - row[CART] <= LOOKBACK_US
    r[9] = 1.0 if is_open else 0.0


@compiled
def _load_counts(point, columns, counts, register, n):
    rows = (np.int32(0), point.item_row, point.category_row)
    for key in range(3):
        for c in range(columns[key]):
            register[n + c] = counts[rows[key], c] if rows[key] != NO_CATEGORY_ROW else np.nan
        n += columns[key]
    return n


@compiled
def _load_ages(point, age, last, register, n):
    rows = (np.int32(0), point.item_row, point.category_row)
    for a in range(len(age)):
        row = rows[age[a, 0]]
        time = last[row, age[a, 1]]
        known = time != NEVER and point.time - time <= age[a, 2] and row != NO_CATEGORY_ROW
        register[n + a] = point.time - time if known else np.nan
    return n + len(age)


@compiled
def _load_tallies(point, items, tallies, days, register, n):
    today, item = point.time // DAY_US, items[point.item]
    until = tallies[_first_not_before(today, item, tallies)]
    for w in range(len(days)):
        since = tallies[_first_not_before(today - days[w], item, tallies)]
        for measure in range(3):
            register[n + 3 * w + measure] = until.counts[measure] - since.counts[measure]


@compiled
def _first_not_before(day, item, tallies):
    """Bisect the item's tallies. Days do not repeat, so the bounds are tight, and meet where no day is missing."""
    low, high = item.start, item.stop
    if low < high:
        first, final = tallies[low].day, tallies[high - 1].day
        low, high = max(low, high - max(final - day + 1, 0)), min(high, low + max(day - first, 0))
    while low < high:
        middle = (low + high) // 2
        if tallies[middle].day < day:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _write(copies, ratios, r, out):
    for n in range(len(copies)):
        out[copies[n, 1]] = r[copies[n, 0]]
    for n in range(len(ratios)):
        divisor = r[ratios[n, 4]] * r[ratios[n, 5]]
        value = (r[ratios[n, 0]] * r[ratios[n, 1]] - r[ratios[n, 2]] * r[ratios[n, 3]]) / divisor
        out[ratios[n, 6]] = value if divisor != 0 else np.nan
