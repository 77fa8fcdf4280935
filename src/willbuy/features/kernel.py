"""The kernel: one pass over a user's events in time order computes every feature of their decision points.

An event strictly before a decision joins three chains: its user's, its item's and its category's. A chain keeps
running totals of what is counted, and a tail a window that moves past events too old for it: a count in a window is
the total at the chain's end less the total at its tail. Nothing at or after t has joined one when t's row is written.

The functions are serial and release the GIL: the same code serves one user's events, and threads over runs of users.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from willbuy.clock import DAY_US, HOUR_US
from willbuy.compiled import entry, part

VIEW, SCROLL, CART, REMOVE, PURCHASE = range(5)  # event types, in the order of schema.EVENT_TYPES
EVENT, FIRST = 5, 6  # an event of any type; the user's first event
MEASURES = (
    "view", "scroll", "cart", "remove", "purchase", "event", "dwell_events", "dwell_ms", "viewed_prices",
    "viewed_cents", "viewed_discounts", "viewed_points", "bought_prices", "bought_cents",
)  # fmt: skip
MOMENT = (
    "price", "cents", "base_price", "base_cents", "points", "category", "hour", "weekday", "is_cart", "open_cart",
    "session_us",
)  # fmt: skip
# Not Python's numbers, for which numba would compile a function once for each.
USER, ITEM, CATEGORY = map(np.int32, range(3))  # the keys of counts
DWELL, VIEWED, DISCOUNT, BOUGHT = map(np.int32, range(6, 14, 2))  # where in MEASURES a count stands before its sum
USER_ROW, NO_CATEGORY_ROW = map(np.int32, range(2))
LOOKBACK_US = 30 * DAY_US  # how long a cart can stay open
NEVER, FOREVER = -(2**62), 2**62

# `item` is a row of the catalogue. The last two fields are scratch that `_give_rows` fills. Null is NaN.
EVENT_RECORD = np.dtype(
    [("time", "i8"), ("cents", "f8"), ("points", "f8"), ("ms", "f8"), ("item", "i4"), ("type", "i4")]
    + [("item_row", "i4"), ("category_row", "i4")]
)
DECISION_RECORD = np.dtype(
    [("time", "i8"), ("price", "f8"), ("item", "i4"), ("is_cart", "i4"), ("item_row", "i4"), ("category_row", "i4")]
)
ITEM_RECORD = np.dtype([("base_price", "f8"), ("category", "i8"), ("start", "i8"), ("stop", "i8")])
TALLY_RECORD = np.dtype([("day", "i8"), ("views", "i8"), ("carts", "i8"), ("purchases", "i8")])

# One user's events, or those on one item or category: how many joined, and its first line in its key's ledger.
CHAIN_RECORD = np.dtype([("key", "i8"), ("events", "i8"), ("first", "i8")])


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

    width (W,): microseconds, the last is the session · slot (3, measures): the column of the ledger that a key's
    measure adds to, -1 where no feature needs it · columns (3,): how many of each key, with column 0 for the time ·
    read_column (R,): the columns read at each key and window, in the order of the registers, of which they are the
    first · read_start (3, W + 1): where each of them begins · different (P, 2): items viewed (0), items (1) or
    categories (2) to count the different ones of, window · age (A, 3): key, type, lookback · days (D,): windows of
    tallies · constants (C,) · copies (n, 2): register, feature · ratios (n, 7): registers of (a b - c d) / (e f),
    feature. The arrays read most are unsigned: numba would ask of each index whether it counts from the end.
    """

    width: np.ndarray
    slot: np.ndarray
    columns: np.ndarray
    read_column: np.ndarray
    read_start: np.ndarray
    different: np.ndarray
    age: np.ndarray
    days: np.ndarray
    constants: np.ndarray
    copies: np.ndarray
    ratios: np.ndarray


class Ledgers(NamedTuple):
    """The chains of one user, line by line: the time of an event, and the totals of all before it in its chain.

    The last line of a chain waits for an event: its time is FOREVER. All are whole numbers, so sums are exact.
    """

    user: np.ndarray
    item: np.ndarray
    category: np.ndarray


def compute(log, decisions, catalogue, plan, gap_us, out):
    """Write feature f of decision decisions.start[0] + r into out[f, r], float64 with NaN for null.

    `gap_us` is the longest gap inside a session. Every number that goes into a formula is an integer held in float64,
    exact below 2**53, so no result depends on the order of events, users or threads.
    """
    rows = np.full(len(log.start) - 1, 2)
    codes = len(catalogue.items) + catalogue.items["category"].max(initial=-1) + 1
    _give_rows(log, decisions, catalogue.items, np.full((codes, 2), -1, np.int32), rows)
    events, most = np.diff(log.start), rows.max(initial=0)
    lines = (events.max(initial=0) + 1, *2 * [(events + rows).max(initial=0)])
    ledgers = (np.empty((n, columns), np.int64) for n, columns in zip(lines, plan.columns, strict=True))
    registers = len(plan.read_column) + len(plan.different) + len(plan.age) + 3 * len(plan.days)
    _compute(
        log, decisions, catalogue, plan, gap_us, rows, Ledgers(*ledgers),
        np.empty(most, CHAIN_RECORD),
        np.empty((most, len(plan.width)), np.int64),
        np.empty((most, 3), np.int64),
        np.empty((most, 7), np.int64),
        np.empty(len(plan.different)),
        np.empty(len(plan.width), np.int64),
        np.concatenate([np.empty(registers + len(MOMENT)), plan.constants]),
        out,
    )  # fmt: skip


# Arrays are made in Python and passed in: numba takes seconds to compile what numpy does in a microsecond.
@entry
def _give_rows(log, decisions, items, given, used):
    """Number each user's items and categories as they turn up; `used` becomes the rows of counts each user needs.

    Row 0 is the user's own, row 1 that of items without a category.
    """
    for u in range(len(used)):
        if decisions.start[u] < decisions.start[u + 1]:
            for e in range(log.start[u], log.start[u + 1]):
                used[u] = _give_row(log.events[e], u, items, given, used[u])
            for d in range(decisions.start[u], decisions.start[u + 1]):
                used[u] = _give_row(decisions.points[d], u, items, given, used[u])


@entry
def _compute(
    log, decisions, catalogue, plan, gap_us, rows, ledgers, chain, tail, latest, last, different, bound, register, out
):
    for u in range(len(rows)):
        first, stop = log.start[u], log.start[u + 1]
        if decisions.start[u] == decisions.start[u + 1]:
            continue
        _lay_out(u, rows[u], log.start, log.events, decisions.start, decisions.points, chain, ledgers)
        _clear(rows[u], log.ever, u, tail, latest, last, different)
        head = opened = first
        for d in range(decisions.start[u], decisions.start[u + 1]):
            point = decisions.points[d]
            while head < stop and log.events[head].time < point.time:
                event = log.events[head]
                if head > first and event.time - log.events[head - 1].time > gap_us:
                    opened = head
                _count_different(event, head - first, plan.different, tail, latest, different)
                _join(event, plan.slot, chain, last, ledgers)
                head += 1
            goes_on = head > first and point.time - log.events[head - 1].time <= gap_us
            session = log.events[opened].time if goes_on else point.time
            for w in range(len(bound)):
                bound[w] = point.time - plan.width[w] if w < len(bound) - 1 else session
            _forget(log.events, first, bound, plan.different, tail, latest, different, ledgers.user)
            _read(plan, USER, USER_ROW, bound, chain, tail, ledgers.user, register)
            _read(plan, ITEM, point.item_row, bound, chain, tail, ledgers.item, register)
            _read(plan, CATEGORY, point.category_row, bound, chain, tail, ledgers.category, register)
            if point.category_row == NO_CATEGORY_ROW:
                for n in range(plan.read_start[CATEGORY, 0], len(plan.read_column)):
                    register[n] = np.nan
            n = len(plan.read_column)
            for p in range(len(different)):
                register[n + p] = different[p]
            n = _load_ages(point, plan.age, last, register, n + len(different))
            if len(plan.days):
                n = _load_tallies(point, catalogue.items[point.item], catalogue.tallies, plan.days, register, n)
            _load_moment(point, catalogue.items[point.item], last, session, register, n)
            _write(plan.copies, plan.ratios, register, out, d - decisions.start[0])


@part
def _lay_out(u, rows, start, events, decision_start, points, chain, ledgers):
    """Give every chain of the user its lines, the first with totals of 0."""
    for row in range(rows):
        chain[row].key, chain[row].events = CATEGORY, 0
    for e in range(start[u], start[u + 1]):
        chain[events[e].item_row].key = ITEM
        chain[events[e].item_row].events += 1
        chain[events[e].category_row].events += 1
    for d in range(decision_start[u], decision_start[u + 1]):
        chain[points[d].item_row].key = ITEM
    chain[0].key, chain[0].first, chain[0].events = USER, 0, 0
    _open(ledgers.user, 0)
    items = categories = 0
    for row in range(1, rows):
        lines, chain[row].events = chain[row].events + 1, 0
        if chain[row].key == ITEM:
            chain[row].first = items
            _open(ledgers.item, items)
            items += lines
        else:
            chain[row].first = categories
            _open(ledgers.category, categories)
            categories += lines


@part
def _open(ledger, line):
    ledger[line, 0] = FOREVER
    for c in range(1, ledger.shape[1]):
        ledger[line, c] = 0


@part
def _clear(rows, ever, user, tail, latest, last, different):
    for row in range(rows):
        for w in range(tail.shape[1]):
            tail[row, w] = 0
        for kind in range(3):
            latest[row, kind] = -1
        for kind in range(7):
            last[row, kind] = NEVER if row else ever[user, kind]
    for p in range(len(different)):
        different[p] = 0


@part
def _give_row(record, user, items, given, used):
    category = items[record.item].category
    if given[record.item, 0] != user:
        given[record.item, 0], given[record.item, 1] = user, used
        used += 1
    record.item_row, record.category_row = given[record.item, 1], NO_CATEGORY_ROW
    if category >= 0:
        code = len(items) + category
        if given[code, 0] != user:
            given[code, 0], given[code, 1] = user, used
            used += 1
        record.category_row = given[code, 1]
    return used


@part
def _join(event, slot, chain, last, ledgers):
    """Append the event to its chains."""
    if last[0, FIRST] == NEVER:
        last[0, FIRST] = event.time
    _append(event, slot, USER, USER_ROW, chain, last, ledgers.user)
    _append(event, slot, ITEM, event.item_row, chain, last, ledgers.item)
    _append(event, slot, CATEGORY, event.category_row, chain, last, ledgers.category)


@part
def _append(event, slot, key, row, chain, last, ledger):
    """Append the event to a chain: its line gets the time, and the next one the totals with it."""
    last[row, event.type] = last[row, EVENT] = event.time
    line = chain[row].first + chain[row].events
    chain[row].events += 1
    ledger[line, 0], ledger[line + 1, 0] = event.time, FOREVER
    for c in range(1, ledger.shape[1]):
        ledger[line + 1, c] = ledger[line, c]
    _count(event, slot, key, ledger, line + 1)


@part
def _count(event, slot, key, ledger, line):
    _plus(1, slot[key, event.type], ledger, line)
    _plus(1, slot[key, EVENT], ledger, line)
    _add(event.ms, slot, key, DWELL, ledger, line)
    if event.type == VIEW:
        _add(event.cents, slot, key, VIEWED, ledger, line)
        _add(event.points, slot, key, DISCOUNT, ledger, line)
    elif event.type == PURCHASE:
        _add(event.cents, slot, key, BOUGHT, ledger, line)


@part
def _add(value, slot, key, measure, ledger, line):
    if not np.isnan(value):
        _plus(1, slot[key, measure], ledger, line)
        _plus(np.int64(value), slot[key, measure + 1], ledger, line)


@part
def _plus(value, column, ledger, line):
    if column >= 0:
        ledger[line, column] += value


@part
def _belongs(event, kind):
    """The row of the item or category that the event may add to the number of different ones; -1 for none."""
    if kind == 2:
        return event.category_row if event.category_row != NO_CATEGORY_ROW else np.int32(-1)
    return event.item_row if kind == 1 or event.type == VIEW else np.int32(-1)


@part
def _count_different(event, e, pairs, tail, latest, different):
    """An item or category is one more in a window that holds no event of it so far. `e` counts the user's events."""
    for p in range(len(pairs)):
        row = _belongs(event, pairs[p, 0])
        if row >= 0 and latest[row, pairs[p, 0]] < tail[0, pairs[p, 1]]:
            different[p] += 1
    for kind in range(3):
        row = _belongs(event, kind)
        if row >= 0:
            latest[row, kind] = e


@part
def _forget(events, first, bound, pairs, tail, latest, different, ledger):
    """An item or category is one less in a window where its latest event goes. Before `_read` moves the tails."""
    for p in range(len(pairs)):
        kind, w = pairs[p, 0], pairs[p, 1]
        e = tail[0, w]
        while ledger[e, 0] < bound[w]:
            row = _belongs(events[first + e], kind)
            if row >= 0 and latest[row, kind] == e:
                different[p] -= 1
            e += 1


@part
def _read(plan, key, row, bound, chain, tail, ledger, r):
    """What joined the chain in each window: the totals at its end less those at the tail, which moves up first."""
    first = chain[row].first
    end = first + chain[row].events
    for w in range(len(bound)):
        start, stop = plan.read_start[key, w], plan.read_start[key, w + 1]
        if start == stop and row != USER_ROW:  # the different ones of every window are counted by the user's tails
            continue
        line = first + tail[row, w]
        while ledger[line, 0] < bound[w]:
            line += 1
        tail[row, w] = line - first
        for n in range(start, stop):
            c = plan.read_column[n]
            r[n] = ledger[end, c] - ledger[line, c]


@part
def _points_off(cents, base_cents):
    """The discount in hundredths of a percent, a whole number; NaN where a price is NaN or the base price 0."""
    return np.rint(10000 * (base_cents - cents) / base_cents) if base_cents != 0 else np.nan


@part
def _load_moment(point, item, last, session, r, n):
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
    closed = max(last[row, REMOVE], last[row, PURCHASE], point.time - LOOKBACK_US - 1)
    r[n + 9] = last[row, CART] > closed
    r[n + 10] = point.time - session


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
    return n + 3 * len(days)


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
