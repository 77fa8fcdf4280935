"""When exactly: page views in their session's order, and the events of each, to the microsecond."""

from dataclasses import dataclass

import numpy as np

from willbuy.schema import CART, EVENT_TYPES, PURCHASE, REMOVE, SCROLL, VIEW
from willbuy.shop.looking import MOST_SCROLLS, Looks

HOUR_SECONDS = 3600
# A session that would take longer is squeezed to this, so that it ends within its hour.
LONGEST_SESSION = 3000.0
LEAST_DWELL, MOST_DWELL = 1.0, 600.0
# Seconds from one step to the next: uniform between the two.
TO_NEXT_PAGE = (1.0, 6.0)
TO_CART = (0.5, 3.0)
TO_REMOVE = (4.0, 30.0)
TO_PURCHASE = (15.0, 90.0)


@dataclass(frozen=True)
class Timeline:
    """Events as arrays of one length, not in order of time: the look each belongs to, its type as a number in
    EVENT_TYPES, microseconds since the log's start, and of views the dwell in seconds (NaN for the others).
    `second` marks the events of a look's second page. `landing` has a value a look: whether its session begins with
    it."""

    look: np.ndarray
    type: np.ndarray
    microsecond: np.ndarray
    dwell: np.ndarray
    second: np.ndarray
    landing: np.ndarray


@dataclass(frozen=True)
class _Pages:
    """Page views: whose look, whether the second of it, the session, and the dwell in seconds."""

    look: np.ndarray
    second: np.ndarray
    session: np.ndarray
    dwell: np.ndarray


def lay_out(looks: Looks, hour_of_session: np.ndarray, rng: np.random.Generator) -> Timeline:
    """Give every event of `looks` its time.

    A session's pages follow one another in random order, a look's second page after its first; carts, removals
    and purchases come after the look's last page. `hour_of_session` is each session's hour of the log.
    """
    pages = _pages(looks, rng)
    actions = _actions(pages, looks, rng)
    length = np.fmax.reduce([pages.dwell, *actions.values()]) + rng.uniform(*TO_NEXT_PAGE, len(pages.look))
    begins, squeeze = _begins(pages, length, hour_of_session, rng)
    steps = [(VIEW, np.zeros(len(length))), *_scrolls(pages, looks, rng), *actions.items()]
    return _events(pages, steps, begins, squeeze, len(looks))


def _pages(looks: Looks, rng: np.random.Generator) -> _Pages:
    """All pages in the order in which their sessions show them."""
    again = np.flatnonzero(looks.again)
    look = np.concatenate([np.arange(len(looks)), again])
    second = np.arange(len(look)) >= len(looks)
    place = rng.random(len(look))
    place[second] = place[again] + (1 - place[again]) * place[second]
    order = np.argsort(looks.session[look] + place, kind="stable")
    look, second = look[order], second[order]
    dwell = np.clip(looks.dwell[look, second.astype(np.int8)], LEAST_DWELL, MOST_DWELL)
    return _Pages(look, second, looks.session[look], dwell)


def _actions(pages: _Pages, looks: Looks, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Seconds from a page's begin to the actions after it, NaN where there is none."""
    last = pages.second == looks.again[pages.look]

    def after(earlier, happens, seconds):
        return np.where(last & happens[pages.look], earlier + rng.uniform(*seconds, len(earlier)), np.nan)

    cart = after(pages.dwell, looks.carts, TO_CART)
    ready = np.fmax(pages.dwell, cart)
    return {CART: cart, REMOVE: after(ready, looks.removes, TO_REMOVE), PURCHASE: after(ready, looks.buys, TO_PURCHASE)}


def _scrolls(pages: _Pages, looks: Looks, rng: np.random.Generator):
    """Scrolls spread over the dwell, each in its own part of it."""
    number = looks.scrolls[pages.look, pages.second.astype(np.int8)]
    for k in range(MOST_SCROLLS):
        part = k + rng.uniform(0.1, 0.9, len(number))
        yield SCROLL, np.where(number > k, pages.dwell * part / np.maximum(number, 1), np.nan)


def _begins(pages: _Pages, length: np.ndarray, hour_of_session: np.ndarray, rng: np.random.Generator):
    """Each page's begin in seconds since the log's start, and the factor its session is squeezed by."""
    total = np.bincount(pages.session, length, len(hour_of_session))
    squeeze = np.minimum(1.0, LONGEST_SESSION / np.maximum(total, 1.0))
    opens = hour_of_session * HOUR_SECONDS + rng.random(len(total)) * (HOUR_SECONDS - 1 - total * squeeze)
    before = np.cumsum(length) - length
    first = np.searchsorted(pages.session, pages.session)
    within = before - before[first]
    factor = squeeze[pages.session]
    return opens[pages.session] + within * factor, factor


def _events(pages: _Pages, steps, begins: np.ndarray, squeeze: np.ndarray, looks: int) -> Timeline:
    parts = []
    for name, seconds in steps:
        rows = np.flatnonzero(np.isfinite(seconds))
        microsecond = np.rint((begins[rows] + seconds[rows] * squeeze[rows]) * 1e6).astype(np.int64)
        dwell = np.round(pages.dwell[rows] * squeeze[rows], 1) if name == VIEW else np.full(len(rows), np.nan)
        kind = np.full(len(rows), EVENT_TYPES.index(name), np.int8)
        parts.append((pages.look[rows], kind, microsecond, dwell, pages.second[rows]))
    landing = np.zeros(looks, bool)
    landing[pages.look[np.diff(pages.session, prepend=-1) != 0]] = True
    return Timeline(*(np.concatenate(column) for column in zip(*parts, strict=True)), landing)
