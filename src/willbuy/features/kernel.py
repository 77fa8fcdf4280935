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
TALLY_RECORD = np.dtype([("day", "i8"), ("views", "i8"), ("carts", "i8"), ("purchases", "i8")])


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
    copies (n, 2): register, feature · ratios (n, 7): registers of (a b - c d) / (e f), feature
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


def compute(log, decisions, catalogue, plan, gap_us, out):
    """Write feature f of decision decisions.start[0] + r into out[f, r], float64 with NaN for null.

    `gap_us` is the longest gap inside a session. Every number that goes into a formula is an integer held in float64,
    exact below 2**53, so no result depends on the order of events, users or threads.
    """
    rows = np.full(len(log.start) - 1, 2)
    codes = len(catalogue.items) + catalogue.items["category"].max(initial=-1) + 1
    _give_rows(log, decisions, catalogue.items, np.empty(codes, np.int32), np.full(codes, -1), rows)
    counts = np.zeros((rows.max(initial=0), plan.columns.max()))
    last = np.full((len(counts), 7), NEVER)
    registers = len(plan.constants) + len(MOMENT) + plan.columns.sum() + len(plan.age) + 3 * len(plan.days)
    register = np.concatenate([plan.constants, np.empty(registers - len(plan.constants))])
    tail = np.zeros(len(plan.width), np.int64)
    _compute(log, decisions, catalogue, plan, gap_us, rows, counts, last, tail, register, out)


def part(function):
    """A part of an entry point below: compiled into it and never called from Python, so without a wrapper and cache."""
    return njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)


# Arrays are made in Python and passed in: numba takes seconds to compile what numpy does in a microsecond.
entry = njit(nogil=True, cache=True, error_model="numpy")


@entry
def _give_rows(log, decisions, items, row, owner, used):
    """Number each user's items and categories as they turn up; `used` becomes the rows of counts each user needs.

    Row 0 is the user's own, row 1 that of items without a category.
    """
    for u in range(len(used)):
        if decisions.start[u] < decisions.start[u + 1]:
            for e in range(log.start[u], log.start[u + 1]):
                used[u] = _give_row(log.events[e], u, items, row, owner, used[u])
            for d in range(decisions.start[u], decisions.start[u + 1]):
                used[u] = _give_row(decisions.points[d], u, items, row, owner, used[u])


@entry
def _compute(log, decisions, catalogue, plan, gap_us, rows, counts, last, tail, register, out):
    moment = len(plan.constants)
    for u in range(len(rows)):
        _clear(counts, last, rows[u], log.ever, u)
        head = opened = log.start[u]
        for w in range(len(tail)):
            tail[w] = head
        for d in range(decisions.start[u], decisions.start[u + 1]):
            point = decisions.points[d]
            head, opened = _move(
                point.time, head, opened, log.start[u], log.start[u + 1], log.events, gap_us, tail, plan.width,
                plan.slot, plan.rich, plan.distinct, counts, last,
            )  # fmt: skip
            _load_moment(point, catalogue.items[point.item], last, register, moment)
            n = moment + len(MOMENT)
            register[n - 1] = point.time - log.events[tail[-1]].time if tail[-1] < head else 0
            n = _load_counts(point, plan.columns, counts, register, n)
            n = _load_ages(point, plan.age, last, register, n)
            _load_tallies(point, catalogue.items[point.item], catalogue.tallies, plan.days, register, n)
            _write(plan.copies, plan.ratios, register, out, d - decisions.start[0])


@part
def _clear(counts, last, rows, ever, user):
    for row in range(rows):
        for column in range(counts.shape[1]):
            counts[row, column] = 0
        for kind in range(last.shape[1]):
            last[row, kind] = NEVER if row else ever[user, kind]


@part
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


@part
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


@part
def _remember(event, last):
    if last[0, FIRST] == NEVER:
        last[0, FIRST] = event.time
    for row in (np.int32(0), event.item_row, event.category_row):
        last[row, event.type] = event.time
        last[row, EVENT] = event.time


@part
def _add(events, start, stop, w, slot, rich, distinct, counts):
    for e in range(start, stop):
        _count_distinct(events[e], 1.0, w, slot, distinct, counts)
        _count(events[e], 1.0, w, slot, rich, counts)


@part
def _take_off(events, start, stop, w, slot, rich, distinct, counts):
    for e in range(start, stop):
        _count(events[e], -1.0, w, slot, rich, counts)
        _count_distinct(events[e], -1.0, w, slot, distinct, counts)


@part
def _count(event, sign, w, slot, rich, counts):
    """Add the event to the counts of the user, the item and the category. Column 0 takes what nothing reads."""
    rows = (np.int32(0), event.item_row, event.category_row)
    for key in range(3):
        counts[rows[key], slot[key, w, event.type]] += sign
        counts[rows[key], slot[key, w, EVENT]] += sign
        if rich[key, w]:
            _sum(rows[key], key, w, DWELL, event.ms, sign, slot, counts)
            if event.type == VIEW:
                _sum(rows[key], key, w, VIEWED, event.cents, sign, slot, counts)
                _sum(rows[key], key, w, DISCOUNT, event.points, sign, slot, counts)
            elif event.type == PURCHASE:
                _sum(rows[key], key, w, BOUGHT, event.cents, sign, slot, counts)


@part
def _sum(row, key, w, measure, value, sign, slot, counts):
    if not np.isnan(value):
        counts[row, slot[key, w, measure]] += sign
        counts[row, slot[key, w, measure + 1]] += sign * value


@part
def _count_distinct(event, sign, w, slot, distinct, counts):
    """Count an item or category whose first event is about to come in, or whose last one just went."""
    if event.type == VIEW and counts[event.item_row, slot[ITEM, w, VIEW]] == 0:
        counts[0, distinct[w, 0]] += sign
    if counts[event.item_row, slot[ITEM, w, EVENT]] == 0:
        counts[0, distinct[w, 1]] += sign
    if event.category_row != NO_CATEGORY_ROW and counts[event.category_row, slot[CATEGORY, w, EVENT]] == 0:
        counts[0, distinct[w, 2]] += sign


@part
def _points_off(cents, base_cents):
    """The discount in hundredths of a percent, a whole number; NaN where a price is NaN or the base price 0."""
    return np.rint(10000 * (base_cents - cents) / base_cents) if base_cents != 0 else np.nan


@part
def _load_moment(point, item, last, r, n):
    row = point.item_row
    r[n] = point.price
    r[n + 1] = np.rint(point.price * 100)
    r[n + 2] = item.base_price
    r[n + 3] = np.rint(item.base_price * 100)
    r[n + 4] = _points_off(r[n + 1], r[n + 3])
    r[n + 5] = item.category if item.category >= 0 else np.nan
    r[n + 6] = point.time % DAY_US // HOUR_US
    r[n + 7] = (point.time // DAY_US + 3) % 7  # 1 January 1970 was a Thursday
    r[n + 8] = point.is_cart
    is_open = last[row, CART] > max(last[row, REMOVE], last[row, PURCHASE])
    r[n + 9] = 1.0 if is_open and point.time - last[row, CART] <= LOOKBACK_US else 0.0


@part
def _load_counts(point, columns, counts, register, n):
    rows = (np.int32(0), point.item_row, point.category_row)
    for key in range(3):
        for c in range(columns[key]):
            register[n + c] = counts[rows[key], c] if rows[key] != NO_CATEGORY_ROW else np.nan
        n += columns[key]
    return n


@part
def _load_ages(point, age, last, register, n):
    rows = (np.int32(0), point.item_row, point.category_row)
    for a in range(len(age)):
        row = rows[age[a, 0]]
        time = last[row, age[a, 1]]
        known = time != NEVER and point.time - time <= age[a, 2] and row != NO_CATEGORY_ROW
        register[n + a] = point.time - time if known else np.nan
    return n + len(age)


@part
def _load_tallies(point, item, tallies, days, register, n):
    today = point.time // DAY_US
    until = tallies[_first_not_before(today, item, tallies)]
    for w in range(len(days)):
        since = tallies[_first_not_before(today - days[w], item, tallies)]
        register[n + 3 * w] = until.views - since.views
        register[n + 3 * w + 1] = until.carts - since.carts
        register[n + 3 * w + 2] = until.purchases - since.purchases


@part
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


@part
def _write(copies, ratios, r, out, row):
    for n in range(len(copies)):
        out[copies[n, 1], row] = r[copies[n, 0]]
    for n in range(len(ratios)):
        divisor = r[ratios[n, 4]] * r[ratios[n, 5]]
        value = (r[ratios[n, 0]] * r[ratios[n, 1]] - r[ratios[n, 2]] * r[ratios[n, 3]]) / divisor
        out[ratios[n, 6], row] = value if divisor != 0 else np.nan
