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
_log_millionths = part(amounts.log_millionths)


class Key(IntEnum):
    """Whose events are counted."""

    USER, USER_ITEM, USER_CATEGORY = range(3)


class Measure(IntEnum):
    """What is counted or summed: events of each type, in the order of schema.EVENT_TYPES, of any type, and amounts."""

    VIEW, SCROLL, CART, REMOVE, PURCHASE, EVENT = range(6)
    DWELL_EVENTS, DWELL_MS, VIEWED_PRICES, VIEWED_CENTS, VIEWED_DISCOUNTS, VIEWED_POINTS = range(6, 12)
    BOUGHT_PRICES, BOUGHT_CENTS = range(12, 14)  # as above, how many have an amount, and then its sum
    DWELL_LOG, VIEWED_LOGS, VIEWED_LOG = range(14, 17)  # of ln(1 + dwell in seconds), of ln(price in cents)
    SESSIONS, VISITS = range(17, 19)  # events that open a session, and that are the first of their item in theirs


class Different(IntEnum):
    """Of what a window holds how many different ones."""

    VIEWED_ITEMS, ITEMS, CATEGORIES = range(3)


class Known(IntEnum):
    """What is known of a decision point itself."""

    PRICE, CENTS, BASE_PRICE, BASE_CENTS, POINTS, CATEGORY, HOUR, WEEKDAY, IS_CART, OPEN_CART, SESSION_US = range(11)
    PRICE_LOG, SEEN_US, OTHER_CARTS = range(11, 14)


class Journey(IntEnum):
    """What is known of the way of a user to an item: of the events on it in the longest window."""

    SESSIONS_SINCE_LAST, SESSIONS_SINCE_FIRST, EVENTS_SINCE_LAST, VISITS_SINCE_FIRST, BETWEEN_SESSIONS, IN_CART = range(
        6
    )
    LAST_POINTS, FIRST_POINTS, FIRST_IN_EVENING, CATEGORY_VIEWS_BEFORE, LAST_DWELL_LOG, LARGEST_DWELL_LOG = range(6, 12)


FIRST = Measure.EVENT + 1  # beside the latest time of each type and of any: the time of the user's first event
KINDS = len(Different)
TALLIED = ("view", "cart", "purchase")  # the measures of everyone's events that are counted by item and day
USER_CHAIN, NO_CATEGORY_CHAIN = map(np.int32, range(2))
NO_CATEGORY = -1
NEVER, FOREVER = -(2**62), 2**62
SILENCE_US = 14 * DAY_US  # after a longer one without an event on an item, the way to it begins anew
EVENING = 18  # the hour, in UTC, with which it begins

# `item` is a row of the catalogue. The chains are scratch that `_number_chains` fills. Null is NaN.
CHAINS = [("item_chain", "i4"), ("category_chain", "i4")]
EVENT_RECORD = np.dtype([("time", "i8"), ("cents", "f8"), ("ms", "f8"), ("item", "i4"), ("type", "i4"), *CHAINS])
DECISION_RECORD = np.dtype([("time", "i8"), ("price", "f8"), ("item", "i4"), ("is_cart", "i4"), *CHAINS])
ITEM_RECORD = np.dtype([("base_price", "f8"), ("category", "i8"), ("start", "i8"), ("stop", "i8")])
TALLY_RECORD = np.dtype([("day", "i8"), ("counts", "i8", len(TALLIED))])

# A chain: how many events joined, and its first line in its ledger. A number: whose chain an item or category has.
CHAIN_RECORD = np.dtype([("events", "i8"), ("first", "i8")])
# A way to an item: when the two latest sessions that saw it began, and the line of its first event since the latest
# silence. A step of it, beside each line of the item: the user's event there, its line in its category, its discount,
# the logarithm and the end of its dwell, the latest line up to it that has a dwell, and the latest one before it that
# has a longer one than it; -1 for none.
WAY_RECORD = np.dtype([(name, "i8") for name in ("session", "before", "since")])
STEP_RECORD = np.dtype(
    [
        *((name, "i8") for name in ("event", "category", "until", "dwelt", "longer")),
        ("points", "f8"),
        ("dwell_log", "f8"),
    ]
)
NUMBER_RECORD = np.dtype([("user", "i4"), ("chain", "i4")])

# Parts of a plan. Indices are unsigned: of others numba would ask each time whether they count from the end.
DIFFERENT_RECORD = np.dtype([("kind", "i8"), ("window", "i8")])
DWELL_RECORD = np.dtype([("read", "u8"), ("key", "i8"), ("window", "i8"), ("measure", "i8")])
AGE_RECORD = np.dtype([("key", "i8"), ("type", "i8"), ("window_us", "i8")])
COPY_RECORD = np.dtype([("register", "u8"), ("feature", "u8")])
RATIO_RECORD = np.dtype(
    [*((name, "u8") for name in ("a", "b", "c", "d", "e", "f", "g", "h", "feature")), ("sign", "f8")]
)


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
    them begins · dwell: those of the reads that tell of dwells · logs, visits, journey, carts: whether
    logarithms are summed, sessions and visits counted, steps kept, and open carts counted ·
    different: windows in which to count different ones · age: since which events, null if longer ago than `window_us`
    · days (D,): windows of tallies · longest: the number of the longest window, for which a cart can stay open ·
    constants (C,) · copies, ratios: the registers of each feature, whose value is one of them, or
    (a b + sign c d) / (e f + g h).

    The registers are those of Known and Journey, the R reads, `different`, `age`, D times the TALLIED, the constants.
    """

    width: np.ndarray
    slot: np.ndarray
    columns: np.ndarray
    read_column: np.ndarray
    read_start: np.ndarray
    dwell: np.ndarray
    logs: bool
    visits: bool
    journey: bool
    carts: bool
    different: np.ndarray
    age: np.ndarray
    days: np.ndarray
    longest: int
    constants: np.ndarray
    copies: np.ndarray
    ratios: np.ndarray


class Scratch(NamedTuple):
    """What is known of one user, event after event. All are whole numbers, so sums are exact.

    chains · user_ledger, and ledger for items and categories: chain after chain, line by line, the time of an event,
    and the totals of all before it in its chain; a chain's last line waits for an event, its time is FOREVER · tail
    (chains, W + 1): the line of a chain with which each window begins · latest (chains, kinds of Different): the number
    of its latest event that counts · last (chains, 7): as Log.ever · ways (chains,) · steps, beside the ledger · open
    (chains,): whether the item is in an open cart, and at the user's how many are · until (events,): when the last of
    the dwells up to each event ends · bound (W + 1,): when each window begins · register, and the parts of it that
    change
    """

    chains: np.ndarray
    user_ledger: np.ndarray
    ledger: np.ndarray
    tail: np.ndarray
    latest: np.ndarray
    last: np.ndarray
    ways: np.ndarray
    steps: np.ndarray
    open: np.ndarray
    until: np.ndarray
    bound: np.ndarray
    register: np.ndarray
    known: np.ndarray
    journey: np.ndarray
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
    parts = (
        len(Known),
        len(Journey),
        len(plan.read_column),
        len(plan.different),
        len(plan.age),
        len(TALLIED) * len(plan.days),
    )
    ends = [*accumulate(parts)]
    register = np.concatenate([np.empty(ends[-1]), plan.constants])
    return Scratch(  # type: ignore[call-arg]  # mypy counts a starred argument as more than it holds
        np.empty(most, CHAIN_RECORD),
        *(np.empty(shape, np.int64) for shape in zip(lines, plan.columns, strict=True)),
        *(np.empty((most, n), np.int64) for n in (windows, KINDS, FIRST + 1)),
        np.empty(most, WAY_RECORD),
        np.empty(lines[1] if plan.journey else 0, STEP_RECORD),
        *(np.empty(size, np.int64) for size in (most, lines[0], windows)),
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
            dropped = log.ever[u, Measure.EVENT]
            _follow(events, records, dropped, catalogue, plan, gap_us, scratch, out, start - decisions.start[0])


@part
def _follow(events, records, dropped, catalogue, plan, gap_us, scratch, out, row):
    """Let a user's events join one after another, and write the features of each decision point on the way.

    `dropped` is the time of the latest event before the ones at hand.
    """
    head = opened = 0
    latest = began = dropped
    for d in range(len(records)):
        decision = records[d]
        while head < len(events) and events[head].time < decision.time:
            opens = events[head].time - latest > gap_us
            latest = events[head].time
            if opens:
                opened, began = head, latest
            _count_different(events[head], head, plan.different, scratch)
            _join(events[head], head, opens, began, catalogue.items, plan, scratch)
            if plan.carts:  # inside `_join` it would slow the common columns down by half, which do not need it
                _put_into_cart(events[head], scratch)
            if len(plan.dwell) or plan.journey:
                _set_until(events[head], head, scratch.until)
            head += 1
        goes_on = head > 0 and decision.time - events[head - 1].time <= gap_us
        session = events[opened].time if goes_on else decision.time
        _set_bounds(decision.time, session, plan.width, scratch.bound)
        _forget(events, plan.different, scratch)
        if plan.carts:
            _close_old_carts(events, plan.longest, scratch)
        _read(plan, Key.USER, USER_CHAIN, scratch, scratch.user_ledger)
        _read(plan, Key.USER_ITEM, decision.item_chain, scratch, scratch.ledger)
        _read(plan, Key.USER_CATEGORY, decision.category_chain, scratch, scratch.ledger)
        if len(plan.dwell):
            _withhold(events, head, decision, plan.dwell, scratch)
        if decision.category_chain == NO_CATEGORY_CHAIN:
            for n in range(plan.read_start[Key.USER_CATEGORY, 0], len(scratch.reads)):
                scratch.reads[n] = np.nan
        _load_ages(decision, plan.age, scratch)
        _load_tallies(decision, catalogue.items[decision.item], catalogue.tallies, plan.days, scratch.tallies)
        _load_known(decision, catalogue.items[decision.item], session, plan, scratch)
        if plan.journey:
            _load_journey(events, head, decision, goes_on, plan, scratch)
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
        scratch.ways[c].session = scratch.ways[c].before = NEVER
        scratch.open[c] = 0
        for w in range(len(scratch.bound)):
            scratch.tail[c, w] = 0
        for kind in range(KINDS):
            scratch.latest[c, kind] = -1
        for kind in range(FIRST + 1):
            scratch.last[c, kind] = NEVER if c != USER_CHAIN else ever[kind]
    for n in range(len(scratch.different)):
        scratch.different[n] = 0


@part
def _join(event, e, opens, began, items, plan, scratch):
    """Append the user's event number e to its chains. Its session, which it may open, began at `began`."""
    if scratch.last[USER_CHAIN, FIRST] == NEVER:
        scratch.last[USER_CHAIN, FIRST] = event.time
    points = _discount_points(event.cents, _cents(items[event.item].base_price))
    dwell_log = _dwell_log(event.ms) if plan.logs or plan.journey else np.nan
    price_log = _log_millionths(event.cents) if plan.logs and event.type == Measure.VIEW else np.nan
    visits = plan.visits and _visits(scratch.ways[event.item_chain], began)
    more = points, plan.logs, dwell_log, price_log, plan.visits, opens, visits
    _append(event, more, plan.slot[Key.USER], USER_CHAIN, scratch, scratch.user_ledger)
    _append(event, more, plan.slot[Key.USER_ITEM], event.item_chain, scratch, scratch.ledger)
    _append(event, more, plan.slot[Key.USER_CATEGORY], event.category_chain, scratch, scratch.ledger)
    if plan.journey:
        _step(event, e, points, dwell_log, scratch)


@part
def _visits(way, began):
    """Whether the session that began then sees the item for the first time."""
    visits = way.session != began
    if visits:
        way.session, way.before = began, way.session
    return visits


@part
def _dwell_log(ms):
    return _log_millionths((1000 + ms) / 1000)


@part
def _put_into_cart(event, scratch):
    """Or out of it: a removal or purchase closes also a cart of the same time, whichever comes first in the log."""
    chain, last = event.item_chain, scratch.last[event.item_chain]
    if event.type == Measure.CART:
        _set_open(max(last[Measure.REMOVE], last[Measure.PURCHASE]) < event.time or scratch.open[chain], chain, scratch)
    elif event.type == Measure.REMOVE or event.type == Measure.PURCHASE:
        _set_open(False, chain, scratch)


@part
def _set_open(is_open, chain, scratch):
    scratch.open[USER_CHAIN] += is_open - scratch.open[chain]
    scratch.open[chain] = is_open


@part
def _close_old_carts(events, longest, scratch):
    """A cart is no longer open when its event leaves the longest window. Before `_read` moves the tails."""
    e = scratch.tail[USER_CHAIN, longest]
    while scratch.user_ledger[e, 0] < scratch.bound[longest]:
        event = events[e]
        if event.type == Measure.CART and scratch.last[event.item_chain, Measure.CART] == event.time:
            _set_open(False, event.item_chain, scratch)
        e += 1


@part
def _append(event, more, slot, chain, scratch, ledger):
    """Append the event to a chain: its line gets the time, and the next one the totals with it."""
    scratch.last[chain, event.type] = scratch.last[chain, Measure.EVENT] = event.time
    line = scratch.chains[chain].first + scratch.chains[chain].events
    scratch.chains[chain].events += 1
    ledger[line, 0], ledger[line + 1, 0] = event.time, FOREVER
    for c in range(1, ledger.shape[1]):
        ledger[line + 1, c] = ledger[line, c]
    _count(event, more, slot, ledger[line + 1])


@part
def _count(event, more, slot, totals):
    points, logs, dwell_log, price_log, counts_visits, opens, visits = more
    _plus(1, slot[event.type], totals)
    _plus(1, slot[Measure.EVENT], totals)
    if counts_visits:
        _plus(opens, slot[Measure.SESSIONS], totals)
        _plus(visits, slot[Measure.VISITS], totals)
    _add(event.ms, slot, Measure.DWELL_EVENTS, totals)
    if logs and not np.isnan(dwell_log):
        _plus(np.int64(dwell_log), slot[Measure.DWELL_LOG], totals)
    if event.type == Measure.VIEW:
        _add(event.cents, slot, Measure.VIEWED_PRICES, totals)
        _add(points, slot, Measure.VIEWED_DISCOUNTS, totals)
        if logs:
            _add(price_log, slot, Measure.VIEWED_LOGS, totals)
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
def _until(event):
    """When the dwell of the event ends."""
    return event.time if np.isnan(event.ms) else event.time + 1000 * np.int64(event.ms)


@part
def _set_until(event, e, until):
    until[e] = max(_until(event), until[e - 1]) if e > 0 else _until(event)


@part
def _withhold(events, head, decision, dwell, scratch):
    """Take from the reads what has been added of dwells that had not ended at t."""
    e = head - 1
    while e >= 0 and scratch.until[e] > decision.time:
        if _until(events[e]) > decision.time:
            for n in range(len(dwell)):
                same = _chain_of(events[e], dwell[n].key) == _chain_of(decision, dwell[n].key)
                if same and events[e].time >= scratch.bound[dwell[n].window]:
                    scratch.reads[dwell[n].read] -= _dwelt(events[e].ms, dwell[n].measure)
        e -= 1


@part
def _chain_of(record, key):
    if key == Key.USER:
        return USER_CHAIN
    return record.item_chain if key == Key.USER_ITEM else record.category_chain


@part
def _dwelt(ms, measure):
    """What a dwell adds."""
    if measure == Measure.DWELL_EVENTS:
        return 1.0
    return ms if measure == Measure.DWELL_MS else _dwell_log(ms)


@part
def _step(event, e, points, dwell_log, scratch):
    """Note what the item's line of an event, which has joined, is about."""
    steps = scratch.steps
    chain = scratch.chains[event.item_chain]
    line = chain.first + chain.events - 1
    if chain.events == 1 or event.time - scratch.ledger[line - 1, 0] > SILENCE_US:
        scratch.ways[event.item_chain].since = line
    before = steps[line - 1].dwelt if chain.events > 1 else -1
    step, category = steps[line], scratch.chains[event.category_chain]
    step.event, step.category, step.dwelt, step.longer = e, category.first + category.events - 1, before, -1
    step.points, step.until, step.dwell_log = points, _until(event), dwell_log
    if not np.isnan(event.ms):
        while before >= 0 and steps[before].dwell_log <= step.dwell_log:
            before = steps[before].longer
        step.dwelt, step.longer = line, before


@part
def _load_journey(events, head, decision, goes_on, plan, scratch):
    """What is known of the way to the item of the decision; all of it null without an event on it."""
    journey, steps = scratch.journey, scratch.steps
    journey[:] = np.nan
    chain, way = scratch.chains[decision.item_chain], scratch.ways[decision.item_chain]
    end = chain.first + chain.events
    tail = chain.first + scratch.tail[decision.item_chain, plan.longest]
    if tail == end:
        return
    start = max(tail, way.since)
    first, last = steps[start].event, steps[end - 1].event
    column, visits = plan.slot[Key.USER, Measure.SESSIONS], plan.slot[Key.USER_ITEM, Measure.VISITS]
    opened = scratch.user_ledger[head, column] + (not goes_on)
    journey[Journey.SESSIONS_SINCE_LAST] = opened - scratch.user_ledger[last + 1, column]
    journey[Journey.SESSIONS_SINCE_FIRST] = opened - scratch.user_ledger[first + 1, column]
    journey[Journey.VISITS_SINCE_FIRST] = 1 + scratch.ledger[end, visits] - scratch.ledger[start + 1, visits]
    if way.before >= scratch.bound[plan.longest]:
        journey[Journey.BETWEEN_SESSIONS] = way.session - way.before
    if _is_open(decision, scratch.last[decision.item_chain], plan):
        journey[Journey.IN_CART] = decision.time - scratch.last[decision.item_chain, Measure.CART]
    journey[Journey.LAST_POINTS] = _most_points(end - 1, -1, tail, end, scratch)
    journey[Journey.FIRST_POINTS] = _most_points(start, 1, tail, end, scratch)
    journey[Journey.FIRST_IN_EVENING] = events[first].time % DAY_US // HOUR_US >= EVENING
    if decision.category_chain != NO_CATEGORY_CHAIN:
        views = _category_views_before(steps[start].category, decision, plan, scratch)
        journey[Journey.CATEGORY_VIEWS_BEFORE] = views
    while last + 1 < head and events[last + 1].time == scratch.ledger[end - 1, 0]:
        last += 1
    journey[Journey.EVENTS_SINCE_LAST] = head - last - 1
    _load_dwells(decision.time, tail, end, scratch)


@part
def _most_points(line, way, tail, end, scratch):
    """The largest discount of the events on the item at the time of the line's, which stand from it on one way."""
    time, most = scratch.ledger[line, 0], np.nan
    while tail <= line < end and scratch.ledger[line, 0] == time:
        points = scratch.steps[line].points
        if not most >= points:
            most = most if np.isnan(points) else points
        line += way
    return most


@part
def _category_views_before(line, decision, plan, scratch):
    """How many views in the category stand in the longest window before the time of the line of it."""
    ledger, column = scratch.ledger, plan.slot[Key.USER_CATEGORY, Measure.VIEW]
    tail = scratch.chains[decision.category_chain].first + scratch.tail[decision.category_chain, plan.longest]
    time = ledger[line, 0]
    while line > tail and ledger[line - 1, 0] == time:
        line -= 1
    return ledger[line, column] - ledger[tail, column]


@part
def _load_dwells(time, tail, end, scratch):
    """The last and the largest dwell on the item that had ended by `time`, the larger one of two at the same time."""
    steps = scratch.steps
    last = largest = latest = np.nan
    line = steps[end - 1].dwelt
    while line >= tail:
        if steps[line].until <= time:
            if np.isnan(last) or scratch.ledger[line, 0] == latest:
                last, latest = steps[line].dwell_log, scratch.ledger[line, 0]
            largest, line = steps[line].dwell_log, steps[line].longer
        else:
            line = steps[line - 1].dwelt if line > tail else -1
    scratch.journey[Journey.LAST_DWELL_LOG] = last
    scratch.journey[Journey.LARGEST_DWELL_LOG] = largest


@part
def _is_open(decision, last, plan):
    closed = max(last[Measure.REMOVE], last[Measure.PURCHASE], decision.time - plan.width[plan.longest] - 1)
    return last[Measure.CART] > closed


@part
def _load_known(decision, item, session, plan, scratch):
    known = scratch.known
    known[Known.PRICE], known[Known.CENTS] = decision.price, _cents(decision.price)
    known[Known.BASE_PRICE], known[Known.BASE_CENTS] = item.base_price, _cents(item.base_price)
    known[Known.POINTS] = _discount_points(known[Known.CENTS], known[Known.BASE_CENTS])
    known[Known.CATEGORY] = item.category if item.category != NO_CATEGORY else np.nan
    known[Known.HOUR] = decision.time % DAY_US // HOUR_US
    known[Known.WEEKDAY] = (decision.time // DAY_US + 3) % 7  # 1 January 1970 was a Thursday
    known[Known.IS_CART] = decision.is_cart
    known[Known.OPEN_CART] = _is_open(decision, scratch.last[decision.item_chain], plan)
    known[Known.OTHER_CARTS] = scratch.open[USER_CHAIN] - scratch.open[decision.item_chain]
    known[Known.SESSION_US] = decision.time - session
    known[Known.PRICE_LOG] = _log_millionths(known[Known.CENTS]) if plan.logs else np.nan
    first = scratch.last[USER_CHAIN, FIRST]
    known[Known.SEEN_US] = min(decision.time - first, plan.width[plan.longest]) if first != NEVER else 0


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
        divisor = r[ratio.e] * r[ratio.f] + r[ratio.g] * r[ratio.h]
        value = (r[ratio.a] * r[ratio.b] + ratio.sign * (r[ratio.c] * r[ratio.d])) / divisor
        out[ratio.feature, row] = value if divisor != 0 else np.nan
