"""The true chance of a purchase after the lead and within the horizon: Bayes' rule over the hidden intent.

Known at a decision point: the shop's constants, the user (persona, rate, taste, price level), the catalogue with its
prices so far, everything the user did before, and channel and device of each session, this one's included. Integrated
out: the intent, what the user will do, and the discounts to come.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial
from math import ceil

import numpy as np

from willbuy.clock import HOUR_US, SECOND_US, minutes_us
from willbuy.shop import delay, looking
from willbuy.shop.browsing import Shelves
from willbuy.shop.catalogue import DISCOUNT_ENDS, DISCOUNT_STARTS, Catalogue
from willbuy.shop.circumstances import Circumstances, evidence
from willbuy.shop.intent import logistic
from willbuy.shop.looking import CARTS, CARTS_BEFORE_BUYING, FORGOTTEN_HOURS, LOOKS_AGAIN, REMOVES, Looks
from willbuy.shop.personas import HOURS_A_DAY, Population, trait
from willbuy.shop.visits import Sessions, intensity


@dataclass(frozen=True)
class Truth:
    """The probability at each look's first view, second view and cart; meaningless where there was none."""

    first_view: np.ndarray
    second_view: np.ndarray
    cart: np.ndarray


@dataclass(frozen=True)
class Chance:
    """Given the intent, for each look: it ends in a purchase now, a later one falls between lead and horizon, and,
    given a purchase now, it comes after the lead, as seen from the first view, the second view and the cart."""

    now: np.ndarray
    later: np.ndarray
    late: delay.Late


def posterior(
    looks: Looks,
    came: Circumstances,
    sessions: Sessions,
    population: Population,
    catalogue: Catalogue,
    shelves: Shelves,
    start: date,
    horizon_days: int,
    min_lead_minutes: float = 0,
) -> Truth:
    """The true probabilities of a purchase in (t + lead, t + horizon] at `looks`.

    Raises ValueError where `horizon_days` reaches past a consideration's end.
    """
    if horizon_days * HOURS_A_DAY > FORGOTTEN_HOURS:
        raise ValueError(
            f"horizon_days = {horizon_days}; the shop's truth looks at most {FORGOTTEN_HOURS // HOURS_A_DAY} days ahead"
        )
    seen = _seen_in_a_session(looks, population, shelves)
    chance = _chance(looks, seen[1], sessions, population, catalogue, start, horizon_days, min_lead_minutes)
    pages = _page_evidence(looks, population)
    again = np.where(looks.again, np.log(LOOKS_AGAIN[1] / LOOKS_AGAIN[0]), _log_ratio_not(LOOKS_AGAIN))
    first = _log_odds(looks, _arrival(looks, sessions, seen), pages.sum(axis=1) + again + _outcome(looks, chance.now))
    bought = _bought_before(looks)
    odds = [first, first + pages[:, 0] + again, first + pages.sum(axis=1) + again]
    with_intent = [np.where(bought, 0.0, logistic(x)) for x in odds]
    channel = evidence(looks, came)
    first_view = _at_view(with_intent[0], channel, chance, chance.late.first)
    second_view = _at_view(with_intent[1], channel, chance, chance.late.second)
    return Truth(first_view, second_view, _after_cart(with_intent[2], channel, chance))


def _log_ratio(chances: tuple[float, float]) -> float:
    return np.log(chances[1] / chances[0])


def _log_ratio_not(chances: tuple[float, float]) -> float:
    return np.log((1 - chances[1]) / (1 - chances[0]))


def _at_view(intent: np.ndarray, channel: np.ndarray, chance: Chance, late: np.ndarray) -> np.ndarray:
    """A page was opened, in a session whose `channel` has a likelihood ratio for a purchase now. It has none for an
    intent without that, so a look that has ended without a purchase leaves no evidence of its channel."""
    now = intent * chance.now
    return (now * channel * late + (intent - now) * chance.later) / (now * channel + 1 - now)


def _after_cart(intent: np.ndarray, channel: np.ndarray, chance: Chance) -> np.ndarray:
    """The item was just put into the cart: to buy now, to buy later, or for no purpose."""
    now = intent * chance.now * channel * CARTS_BEFORE_BUYING
    later = intent * (1 - chance.now) * CARTS[1]
    counted = now * chance.late.cart + later * chance.later
    return counted / (now + later + (1 - intent) * CARTS[0])


def _seen_in_a_session(looks: Looks, population: Population, shelves: Shelves):
    """The chance that a session has a look at the item, without and with the intent."""
    persona = population.persona[looks.user]
    missed = np.exp(-trait("looks_a_session")[persona] * shelves.share(looks.user, looks.item))
    return [1 - missed * (1 - r) for r in (looking.RETURNS_WITHOUT_INTENT, trait("returns")[persona])]


def _arrival(looks: Looks, sessions: Sessions, seen) -> np.ndarray:
    """Log-likelihood ratio of coming back just now, after the sessions that went by without a look."""
    passed = np.diff(looks.session, prepend=0) - 1
    return np.log(seen[1] / seen[0]) + passed * np.log((1 - seen[1]) / (1 - seen[0]))


def _page_evidence(looks: Looks, population: Population) -> np.ndarray:
    """Log-likelihood ratio of each page view's dwell; 0 for a second view that was not."""
    median = np.log(trait("dwell_seconds")[population.persona[looks.user]])[:, None]
    stretch = looking.DWELL_SHIFT / looking.DWELL_SPREAD**2
    evidence = stretch * (np.log(looks.dwell) - median - looking.DWELL_SHIFT / 2)
    evidence[:, 1] *= looks.again
    return evidence


def _outcome(looks: Looks, buys_now: np.ndarray) -> np.ndarray:
    """Log-likelihood ratio of a look's end without a purchase: cart, removal, and not buying."""
    cart = np.where(looks.carts, _log_ratio(CARTS), _log_ratio_not(CARTS))
    remove = np.where(looks.removes, _log_ratio(REMOVES), _log_ratio_not(REMOVES))
    in_cart = looks.open | looks.carts
    return np.log1p(-buys_now) + np.where(looks.open, 0.0, cart) + np.where(in_cart, remove, 0.0)


def _log_odds(looks: Looks, arrival: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """Log-odds of the intent at each look: its consideration's prior and all evidence since, summed up."""
    step = arrival + np.concatenate([[0.0], evidence[:-1]])[: len(looks)]
    total = np.cumsum(np.where(looks.fresh, 0.0, step))
    return looks.prior[_consideration_start(looks)] + total - total[_consideration_start(looks)]


def _consideration_start(looks: Looks) -> np.ndarray:
    return np.maximum.accumulate(np.where(looks.fresh, np.arange(len(looks)), 0))


def _bought_before(looks: Looks) -> np.ndarray:
    """Whether the consideration has already ended in a purchase, which spends the intent."""
    before = np.cumsum(looks.buys) - looks.buys
    return before > before[_consideration_start(looks)]


def _chance(looks, seen, sessions, population, catalogue, start, horizon_days, min_lead_minutes=0) -> Chance:
    persona, hour = population.persona[looks.user], sessions.hour[looks.session]
    discounted = catalogue.discount[looks.item, hour // HOURS_A_DAY] > 0
    buys = trait("buys")[persona], trait("buys_discounted")[persona]
    rate = population.sessions_a_day[looks.user]
    none = partial(_no_sale, hour, rate, seen * buys[0], seen * buys[1], discounted, start)
    lead = minutes_us(min_lead_minutes)
    later = none(lead / HOUR_US) - none(HOURS_A_DAY * horizon_days)
    return Chance(np.where(discounted, buys[1], buys[0]), later, delay.late(persona, looks.open, lead / SECOND_US))


def _no_sale(hour, rate, full, reduced, discounted, start, hours) -> np.ndarray:
    """The chance that no session of the coming `hours` sells, given the intent.

    `full` and `reduced` are a session's chances of a sale at the full and the reduced price. Sales thin the Poisson
    sessions, so a stretch of one price without a sale has the chance exp(-sessions × sale); at each midnight the
    discount may start or end. The look's own hour is over for sessions: an hour holds one at most. The look is taken
    to be in the middle of its hour, as it is on average. Time is counted in half hours.
    """
    midnights = int((hours + HOURS_A_DAY - 0.5) // HOURS_A_DAY)
    sessions = _expected_sessions(start, int(hour.max(initial=0)) + ceil(hours) + 1)
    at_full, at_reduced = np.where(discounted, 0.0, 1.0), np.where(discounted, 1.0, 0.0)
    begin = 2 * (hour + 1)
    end = np.maximum(2 * hour + 1 + 2 * hours, begin)
    for day in range(midnights + 1):
        stop = np.minimum(2 * HOURS_A_DAY * (hour // HOURS_A_DAY + day + 1), end)
        expected = sessions(begin, stop, rate)
        at_full, at_reduced = at_full * np.exp(-expected * full), at_reduced * np.exp(-expected * reduced)
        starts, ends = at_full * DISCOUNT_STARTS, at_reduced * DISCOUNT_ENDS
        at_full, at_reduced = at_full - starts + ends, at_reduced + starts - ends
        begin = stop
    return at_full + at_reduced


def _expected_sessions(start: date, hours: int):
    """A function of (begin, stop, rate): the expected number of sessions from `begin` to `stop` (in half hours), an
    hour's 1 - exp(-rate × intensity) to the second order, spread evenly over the hour."""
    w = intensity(start, hours)
    first, second = (np.concatenate([[0.0], np.cumsum(np.repeat(w**power / 2, 2))]) for power in (1, 2))

    def expected(begin, stop, rate):
        return rate * (_at(first, stop) - _at(first, begin)) - rate**2 / 2 * (_at(second, stop) - _at(second, begin))

    return expected


def _at(sums: np.ndarray, place: np.ndarray) -> np.ndarray:
    """`sums` at any place between its entries, on the line from one to the next."""
    whole = place.astype(np.int64)
    return sums[whole] + (place - whole) * (sums[np.minimum(whole + 1, len(sums) - 1)] - sums[whole])
