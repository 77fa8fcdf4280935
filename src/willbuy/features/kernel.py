"""The kernel: one pass over a user's events in time order computes every feature of their decision points.

An event strictly before a decision point joins three chains: its user's, its item's and its category's. A chain keeps
running totals of what is counted, and for each window a tail that moves past events too old for it: a count in a
window is the total at the chain's end less the total at its tail. When the features of a decision point at t are
written, no event at or after t has joined.

The functions are serial and release the GIL: the same code serves one user's events, and threads over runs of users.
"""

from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from willbuy.clock import DAY_US, HOUR_US
from willbuy.compiled import entry, part
from willbuy.features import amounts

_cents, _discount_points = part(amounts.cents), part(amounts.discount_points)


class Key(IntEnum):
    """Whose events are counted."""

    USER, USER_ITEM, USER_CATEGORY = range(3)


class Measure(IntEnum):
    """What is counted or summed: events of each type, in the order of schema.EVENT_TYPES, of any type, and amounts."""

    VIEW, SCROLL, CART, REMOVE, PURCHASE, EVENT = range(6)
    DWELL_EVENTS, DWELL_MS, VIEWED_PRICES, VIEWED_CENTS, VIEWED_DISCOUNTS, VIEWED_POINTS = range(6, 12)
    BOUGHT_PRICES, BOUGHT_CENTS = range(12, 14)  # as above, how many have an amount, and then its sum


class Different(IntEnum):
    """Of what a window holds how many different ones."""

    VIEWED_ITEMS, ITEMS, CATEGORIES = range(3)


class Known(IntEnum):
    """What is known of a decision point itself."""

    PRICE, CENTS, BASE_PRICE, BASE_CENTS, POINTS, CATEGORY, HOUR, WEEKDAY, IS_CART, OPEN_CART, SESSION_US = range(11)


FIRST = Measure.EVENT + 1  # beside the latest time of each type and of any: the time of the user's first event
KINDS = len(Different)
TALLIED = ("view", "cart", "purchase")  # the measures of everyone's events that are counted by item and day
USER_CHAIN, NO_CATEGORY_CHAIN = map(np.int32, range(2))
NO_CATEGORY = -1
NEVER, FOREVER = -(2**62), 2**62

# `item` is a row of the catalogue. The chains are scratch that `_number_chains` fills. Null is NaN.
CHAINS = [("item_chain", "i4"), ("category_chain", "i4")]
EVENT_RECORD = np.dtype([("time", "i8"), ("cents", "f8"), ("ms", "f8"), ("item", "i4"), ("type", "i4"), *CHAINS])
DECISION_RECORD = np.dtype([("time", "i8"), ("price", "f8"), ("item", "i4"), ("is_cart", "i4"), *CHAINS])
ITEM_RECORD = np.dtype([("base_price", "f8"), ("category", "i8"), ("start", "i8"), ("stop", "i8")])
TALLY_RECORD = np.dtype([("day", "i8"), ("counts", "i8", len(TALLIED))])

# A chain: how many events joined, and its first line in its ledger. A number: whose chain an item or category has.
CHAIN_RECORD = np.dtype([("events", "i8"), ("first", "i8")])
NUMBER_RECORD = np.dtype([("user", "i4"), ("chain", "i4")])

# Parts of a plan. Indices are unsigned: of others numba would ask each time whether they count from the end.
DIFFERENT_RECORD = np.dtype([("kind", "i8"), ("window", "i8")])
AGE_RECORD = np.dtype([("key", "i8"), ("type", "i8"), ("window_us", "i8")])
COPY_RECORD = np.dtype([("register", "u8"), ("feature", "u8")])
RATIO_RECORD = np.dtype([(name, "u8") for name in ("a", "b", "c", "d", "e", "f", "feature")])


class Log(NamedTuple):
    """Events in (user, time) order: user u's are events[start[u] : start[u + 1]].

    `ever` (users, 7) holds the times of each user's latest event of each type, of their latest and of their first
    event among those that came before the ones at hand; NEVER where there is none. Times are microseconds since 1970.
    """

    start: np.ndarray
    events: np.ndarray
    ever: np.ndarray


class Decisions(NamedTuple):
    """Decision points as DECISION_RECORD, laid out by user as the log is. They need not be in the log."""

    start: np.ndarray
    records: np.ndarray


class Catalogue(NamedTuple):
    """What is known of each item: base price, category code or NO_CATEGORY, and its tallies[start:stop].

    A tally is a day (since 1970) on which the item saw any event, ascending, with how many TALLIED events the rows of
    `tallies` before it hold. The last row closes the table.
    """

    items: np.ndarray
    tallies: np.ndarray


class Plan(NamedTuple):
    """Which quantities to keep and where they go: the definitions, compiled by plan.py. W windows and the session.

    width (W,): microseconds · slot (keys, measures): the column of the ledger that a key's measure adds to, -1 where
    no feature needs it · columns (2,): how many the user's ledger has, and the other one, with column 0 for the time ·
    read_column (R,): the columns read at each key and window, in this order · read_start (keys, W + 2): where each of
    them begins ·
    different: windows in which to count different ones · age: since which events, null if longer ago than `window_us`
    · days (D,): windows of tallies · cart_us: how long a cart can stay open · constants (C,) · copies, ratios: the
    registers of each feature, whose value is one of them, or (a b - c d) / (e f).

    The registers are those of Known, the R reads, `different`, `age`, D times the TALLIED, and the constants.
    """

    width: np.ndarray
    slot: np.ndarray
    columns: np.ndarray
    read_column: np.ndarray
    read_start: np.ndarray
    different: np.ndarray
    age: np.ndarray
    days: np.ndarray
    cart_us: int
    constants: np.ndarray
    copies: np.ndarray
    ratios: np.ndarray


class Scratch(NamedTuple):
    """What is known of one user, event after event. All are whole numbers, so sums are exact.

    chains · user_ledger, and ledger for items and categories: chain after chain, line by line, the time of an event,
    and the totals of all before it in its chain; a chain's last line waits for an event, its time is FOREVER · tail
    (chains, W + 1): the line of a chain with which each window begins · latest (chains, kinds of Different): the number
    of its latest event that counts · last (chains, 7): as Log.ever · bound (W + 1,): when each window begins ·
    register, and the parts of it that change
    """

    chains: np.ndarray
    user_ledger: np.ndarray
    ledger: np.ndarray
    tail: np.ndarray
    latest: np.ndarray
    last: np.ndarray
    bound: np.ndarray
    register: np.ndarray
    known: np.ndarray
    reads: np.ndarray
    different: np.ndarray
    ages: np.ndarray
    tallies: np.ndarray


def compute(log, decisions, catalogue, plan, gap_us, out):
    """Write feature f of decision decisions.start[0] + r into out[f, r], float64 with NaN for null.

    `gap_us` is the longest gap inside a session. Every number that goes into a formula is an integer held in float64,
    exact below 2**53, so no result depends on the order of events, users or threads.
    """
    used = np.full(len(log.start) - 1, 2)
    codes = len(catalogue.items) + catalogue.items["category"].max(initial=NO_CATEGORY) + 1
    numbers = np.full(codes, -1, "i8").view(NUMBER_RECORD)
    _number_chains(log, decisions, catalogue.items, numbers, used)
    _compute(log, decisions, catalogue, plan, gap_us, used, _scratch(log, used, plan), out)


# Arrays are made in Python and passed in: numba takes seconds to compile what numpy does in a microsecond.
def _scratch(log, used, plan):
    most, windows, events = used.max(initial=0), len(plan.width) + 1, np.diff(log.start)
    lines = events.max(initial=0) + 1, (2 * events + used).max(initial=0)
    parts = len(Known), len(plan.read_column), len(plan.different), len(plan.age), len(TALLIED) * len(plan.days)
    ends = [*accumulate(parts)]
    register = np.concatenate([np.empty(ends[-1]), plan.constants])
    return Scratch(  # type: ignore[call-arg]  # mypy counts a starred argument as more than it holds
        np.empty(most, CHAIN_RECORD),
        *(np.empty(shape, np.int64) for shape in zip(lines, plan.columns, strict=True)),
        *(np.empty((most, n), np.int64) for n in (windows, KINDS, FIRST + 1)),
        np.empty(windows, np.int64),
        register,
        *(register[end - size : end] for end, size in zip(ends, parts, strict=True)),
    )


@entry
def _number_chains(log, decisions, items, numbers, used):
    """Number each user's items and categories as they turn up; `used` becomes how many chains each user has.

    Chain 0 is the user's own, chain 1 that of items without a category.
    """
    for u in range(len(used)):
        if decisions.start[u] < decisions.start[u + 1]:
            for e in range(log.start[u], log.start[u + 1]):
                used[u] = _number(log.events[e], u, items, numbers, used[u])
            for d in range(decisions.start[u], decisions.start[u + 1]):
                used[u] = _number(decisions.records[d], u, items, numbers, used[u])


@part
def _number(record, user, items, numbers, used):
    category = items[record.item].category
    used = _take_number(numbers[record.item], user, used)
    record.item_chain, record.category_chain = numbers[record.item].chain, NO_CATEGORY_CHAIN
    if category != NO_CATEGORY:
        used = _take_number(numbers[len(items) + category], user, used)
        record.category_chain = numbers[len(items) + category].chain
    return used


@part
def _take_number(number, user, used):
    if number.user == user:
        return used
    number.user, number.chain = user, used
    return used + 1


@entry
def _compute(log, decisions, catalogue, plan, gap_us, used, scratch, out):
    for u in range(len(used)):
        start, stop = decisions.start[u], decisions.start[u + 1]
        if start < stop:
            events, records = log.events[log.start[u] : log.start[u + 1]], decisions.records[start:stop]
            _lay_out(events, used[u], scratch)
            _clear(used[u], log.ever[u], scratch)
            _follow(events, records, catalogue, plan, gap_us, scratch, out, start - decisions.start[0])


@part
def _follow(events, records, catalogue, plan, gap_us, scratch, out, row):
    """Let a user's events join one after another, and write the features of each decision point on the way."""
    head = opened = 0
    for d in range(len(records)):
        decision = records[d]
        while head < len(events) and events[head].time < decision.time:
            if head > 0 and events[head].time - events[head - 1].time > gap_us:
                opened = head
            _count_different(events[head], head, plan.different, scratch)
            _join(events[head], catalogue.items, plan, scratch)
            head += 1
        goes_on = head > 0 and decision.time - events[head - 1].time <= gap_us
        session = events[opened].time if goes_on else decision.time
        _set_bounds(decision.time, session, plan.width, scratch.bound)
        _forget(events, plan.different, scratch)
        _read(plan, Key.USER, USER_CHAIN, scratch, scratch.user_ledger)
        _read(plan, Key.USER_ITEM, decision.item_chain, scratch, scratch.ledger)
        _read(plan, Key.USER_CATEGORY, decision.category_chain, scratch, scratch.ledger)
        if decision.category_chain == NO_CATEGORY_CHAIN:
            for n in range(plan.read_start[Key.USER_CATEGORY, 0], len(scratch.reads)):
                scratch.reads[n] = np.nan
        _load_ages(decision, plan.age, scratch)
        _load_tallies(decision, catalogue.items[decision.item], catalogue.tallies, plan.days, scratch.tallies)
        _load_known(decision, catalogue.items[decision.item], session, plan.cart_us, scratch)
        _write(plan.copies, plan.ratios, scratch.register, out, row + d)


@part
def _set_bounds(time, session, width, bound):
    for w in range(len(width)):
        bound[w] = time - width[w]
    bound[len(width)] = session


@part
def _lay_out(events, used, scratch):
    """Give every chain of the user its lines, the first with totals of 0."""
    chains = scratch.chains
    for c in range(used):
        chains[c].events = 0
    for e in range(len(events)):
        chains[events[e].item_chain].events += 1
        chains[events[e].category_chain].events += 1
    chains[USER_CHAIN].first = line = 0
    _open(scratch.user_ledger, 0)
    for c in range(1, used):
        lines, chains[c].events, chains[c].first = chains[c].events + 1, 0, line
        _open(scratch.ledger, line)
        line += lines


@part
def _open(ledger, line):
    ledger[line, 0] = FOREVER
    for c in range(1, ledger.shape[1]):
        ledger[line, c] = 0


@part
def _clear(used, ever, scratch):
    for c in range(used):
        for w in range(len(scratch.bound)):
            scratch.tail[c, w] = 0
        for kind in range(KINDS):
            scratch.latest[c, kind] = -1
        for kind in range(FIRST + 1):
            scratch.last[c, kind] = NEVER if c != USER_CHAIN else ever[kind]
    for n in range(len(scratch.different)):
        scratch.different[n] = 0


@part
def _join(event, items, plan, scratch):
    """Append the event to its chains."""
    if scratch.last[USER_CHAIN, FIRST] == NEVER:
        scratch.last[USER_CHAIN, FIRST] = event.time
    points = _discount_points(event.cents, _cents(items[event.item].base_price))
    _append(event, points, plan.slot[Key.USER], USER_CHAIN, scratch, scratch.user_ledger)
    _append(event, points, plan.slot[Key.USER_ITEM], event.item_chain, scratch, scratch.ledger)
    _append(event, points, plan.slot[Key.USER_CATEGORY], event.category_chain, scratch, scratch.ledger)


@part
def _append(event, points, slot, chain, scratch, ledger):
    """Append the event to a chain: its line gets the time, and the next one the totals with it."""
    scratch.last[chain, event.type] = scratch.last[chain, Measure.EVENT] = event.time
    line = scratch.chains[chain].first + scratch.chains[chain].events
    scratch.chains[chain].events += 1
    ledger[line, 0], ledger[line + 1, 0] = event.time, FOREVER
    for c in range(1, ledger.shape[1]):
        ledger[line + 1, c] = ledger[line, c]
    _count(event, points, slot, ledger[line + 1])


@part
def _count(event, points, slot, totals):
    _plus(1, slot[event.type], totals)
    _plus(1, slot[Measure.EVENT], totals)
    _add(event.ms, slot, Measure.DWELL_EVENTS, totals)
    if event.type == Measure.VIEW:
        _add(event.cents, slot, Measure.VIEWED_PRICES, totals)
        _add(points, slot, Measure.VIEWED_DISCOUNTS, totals)
    elif event.type == Measure.PURCHASE:
        _add(event.cents, slot, Measure.BOUGHT_PRICES, totals)


@part
def _add(amount, slot, measure, totals):
    if not np.isnan(amount):
        _plus(1, slot[measure], totals)
        _plus(np.int64(amount), slot[measure + 1], totals)


@part
def _plus(number, column, totals):
    if column >= 0:
        totals[column] += number


@part
def _one_of(event, kind):
    """The chain of the item or category that the event may add to the number of different ones; -1 for none."""
    if kind == Different.CATEGORIES:
        return event.category_chain if event.category_chain != NO_CATEGORY_CHAIN else np.int32(-1)
    return event.item_chain if kind == Different.ITEMS or event.type == Measure.VIEW else np.int32(-1)


@part
def _count_different(event, e, different, scratch):
    """An item or category is one more in a window that holds no event of it so far. `e` counts the user's events."""
    for n in range(len(different)):
        chain = _one_of(event, different[n].kind)
        if chain >= 0 and scratch.latest[chain, different[n].kind] < scratch.tail[USER_CHAIN, different[n].window]:
            scratch.different[n] += 1
    for kind in range(KINDS):
        chain = _one_of(event, kind)
        if chain >= 0:
            scratch.latest[chain, kind] = e


@part
def _forget(events, different, scratch):
    """An item or category is one less in a window that its latest event leaves. Before `_read` moves the tails."""
    for n in range(len(different)):
        kind, w = different[n].kind, different[n].window
        e = scratch.tail[USER_CHAIN, w]
        while scratch.user_ledger[e, 0] < scratch.bound[w]:
            chain = _one_of(events[e], kind)
            if chain >= 0 and scratch.latest[chain, kind] == e:
                scratch.different[n] -= 1
            e += 1


@part
def _read(plan, key, chain, scratch, ledger):
    """What joined the chain in each window: the totals at its end less those at the tail, which moves up first."""
    first = scratch.chains[chain].first
    end = first + scratch.chains[chain].events
    for w in range(len(scratch.bound)):
        start, stop = plan.read_start[key, w], plan.read_start[key, w + 1]
        if start == stop and chain != USER_CHAIN:  # by the user's tails the different ones of every window are counted
            continue
        line = first + scratch.tail[chain, w]
        while ledger[line, 0] < scratch.bound[w]:
            line += 1
        scratch.tail[chain, w] = line - first
        for n in range(start, stop):
            c = plan.read_column[n]
            scratch.reads[n] = ledger[end, c] - ledger[line, c]


@part
def _load_known(decision, item, session, cart_us, scratch):
    known, last = scratch.known, scratch.last[decision.item_chain]
    known[Known.PRICE], known[Known.CENTS] = decision.price, _cents(decision.price)
    known[Known.BASE_PRICE], known[Known.BASE_CENTS] = item.base_price, _cents(item.base_price)
    known[Known.POINTS] = _discount_points(known[Known.CENTS], known[Known.BASE_CENTS])
    known[Known.CATEGORY] = item.category if item.category != NO_CATEGORY else np.nan
    known[Known.HOUR] = decision.time % DAY_US // HOUR_US
    known[Known.WEEKDAY] = (decision.time // DAY_US + 3) % 7  # 1 January 1970 was a Thursday
    known[Known.IS_CART] = decision.is_cart
    closed = max(last[Measure.REMOVE], last[Measure.PURCHASE], decision.time - cart_us - 1)
    known[Known.OPEN_CART] = last[Measure.CART] > closed
    known[Known.SESSION_US] = decision.time - session


@part
def _load_ages(decision, age, scratch):
    chains = (USER_CHAIN, decision.item_chain, decision.category_chain)
    for n in range(len(age)):
        chain = chains[age[n].key]
        time = scratch.last[chain, age[n].type]
        known = time != NEVER and decision.time - time <= age[n].window_us and chain != NO_CATEGORY_CHAIN
        scratch.ages[n] = decision.time - time if known else np.nan


@part
def _load_tallies(decision, item, tallies, days, counts):
    today = decision.time // DAY_US
    until = tallies[_first_not_before(today, item, tallies)].counts
    for w in range(len(days)):
        since = tallies[_first_not_before(today - days[w], item, tallies)].counts
        for n in range(len(until)):
            counts[len(until) * w + n] = until[n] - since[n]


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
        out[copies[n].feature, row] = r[copies[n].register]
    for n in range(len(ratios)):
        ratio = ratios[n]
        divisor = r[ratio.e] * r[ratio.f]
        value = (r[ratio.a] * r[ratio.b] - r[ratio.c] * r[ratio.d]) / divisor
        out[ratio.feature, row] = value if divisor != 0 else np.nan
