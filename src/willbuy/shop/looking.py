"""What people do: looks at items, by chance or because of a hidden intent, and what happens at each look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from willbuy.shop.browsing import Chances
from willbuy.shop.catalogue import Catalogue
from willbuy.shop.intent import logistic
from willbuy.shop.personas import HOURS_A_DAY, Population, trait
from willbuy.shop.visits import Sessions

# A consideration ends when its item goes unseen for this long; the next look at it begins a fresh one. The truth
# looks no further ahead than this, so that no consideration can begin within its horizon.
FORGOTTEN_HOURS = 14 * HOURS_A_DAY
# Chances by hidden intent: without, with.
RETURNS_WITHOUT_INTENT = 0.01
LOOKS_AGAIN = (0.08, 0.30)
MOST_SCROLLS = 2
CARTS = (0.017, 0.30)
CARTS_BEFORE_BUYING = 0.9
REMOVES = (0.20, 0.05)
# Dwell is log-normal; an intent stretches its median by exp(DWELL_SHIFT).
DWELL_SPREAD = 0.5
DWELL_SHIFT = 0.28


@dataclass(frozen=True)
class Looks:
    """Everything one user did with one item in one session, a row a look, in (user, item, session) order.

    `fresh` marks the first look of a consideration, whose `prior` is the log-odds of an intent; `intent` is hidden,
    `open` says that the item was in the cart before. `dwell` and `scrolls` have one column each for the first
    and the second page view; the second takes place where `again` is true.
    """

    user: np.ndarray
    item: np.ndarray
    session: np.ndarray
    fresh: np.ndarray
    prior: np.ndarray
    intent: np.ndarray
    open: np.ndarray
    buys: np.ndarray
    carts: np.ndarray
    removes: np.ndarray
    again: np.ndarray
    dwell: np.ndarray
    scrolls: np.ndarray

    def __len__(self) -> int:
        return len(self.user)


class _Round(NamedTuple):
    """The k-th look of every user × item that has that many."""

    pair: np.ndarray
    session: np.ndarray
    chance: np.ndarray
    fresh: np.ndarray
    intent: np.ndarray
    open: np.ndarray
    buys: np.ndarray
    carts: np.ndarray
    removes: np.ndarray

    def keep(self, rows: np.ndarray) -> _Round:
        return _Round(*(column[rows] for column in self))


def follow(
    chances: Chances,
    prior: np.ndarray,
    sessions: Sessions,
    population: Population,
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> Looks:
    """Follow every user × item from its first chance look to the end of the log.

    `prior` is the log-odds of an intent at each chance look. All pairs advance together, a look a round.
    """
    shop = _Shop(chances, prior, sessions, population, catalogue, rng)
    rounds = list(shop.rounds())
    joined = _Round(*map(np.concatenate, zip(*rounds, strict=True)))
    number = np.repeat(np.arange(len(rounds)), [len(r.pair) for r in rounds])
    joined = joined.keep(np.argsort(joined.pair * len(rounds) + number))
    return _with_page_views(joined, shop)


@dataclass(frozen=True)
class _Shop:
    chances: Chances
    prior: np.ndarray
    sessions: Sessions
    population: Population
    catalogue: Catalogue
    rng: np.random.Generator

    def rounds(self):
        """Yield the first looks of all pairs, then the second ones, … until none is left."""
        pair = _pair_starts(self.chances)
        fresh, never = np.ones(len(pair), bool), np.zeros(len(pair), bool)
        now = self._look(pair, self.chances.session[pair], pair, fresh, never, never)
        yield now
        while len(now.pair):
            now = self._next(now)
            yield now

    def _look(self, pair, session, chance, fresh, intent, was_open) -> _Round:
        n, rng = len(pair), self.rng
        persona = self.population.persona[self.chances.user[pair]]
        intent = np.where(fresh, rng.random(n) < logistic(self.prior[chance]), intent)
        buys = intent & (rng.random(n) < self._buys(pair, session, persona))
        cart_chance = np.where(buys, CARTS_BEFORE_BUYING, np.take(CARTS, intent))
        carts = ~was_open & (rng.random(n) < cart_chance)
        removes = (was_open | carts) & ~buys & (rng.random(n) < np.take(REMOVES, intent))
        return _Round(pair, session, chance, fresh, intent, was_open, buys, carts, removes)

    def _buys(self, pair, session, persona) -> np.ndarray:
        discount = self.catalogue.discount[self.chances.item[pair], self.sessions.day[session]]
        return np.where(discount > 0, trait("buys_discounted")[persona], trait("buys")[persona])

    def _next(self, now: _Round) -> _Round:
        user = self.chances.user[now.pair]
        end = self.sessions.first[user + 1]
        intent = now.intent & ~now.buys
        chance, by_chance = self._next_chance(now, end)
        returns = np.where(intent, trait("returns")[self.population.persona[user]], RETURNS_WITHOUT_INTENT)
        by_will = now.session + self.rng.geometric(returns)
        by_will = np.where(by_will < end, by_will, end)
        by_will = np.where(self._hours_between(now.session, by_will, end) > FORGOTTEN_HOURS, end, by_will)
        session = np.minimum(by_chance, by_will)
        alive = session < end
        fresh = self._hours_between(now.session, session, end) > FORGOTTEN_HOURS
        is_open = (now.open | now.carts) & ~now.removes & ~now.buys
        rows = (now.pair, session, chance, fresh, intent, is_open)
        return self._look(*(column[alive] for column in rows))

    def _next_chance(self, now: _Round, end: np.ndarray):
        """The pair's first chance look after this look, and its session (`end` if there is none)."""
        used = self.chances.session[now.chance] <= now.session
        chance = now.chance + used
        following = np.minimum(chance, len(self.chances.session) - 1)
        same = (chance < len(self.chances.session)) & (_pair_key(self, following) == _pair_key(self, now.pair))
        chance = np.where(same, following, now.chance)
        session = self.chances.session[chance]
        return chance, np.where(same & (session > now.session), session, end)

    def _hours_between(self, session: np.ndarray, later: np.ndarray, end: np.ndarray) -> np.ndarray:
        hour = self.sessions.hour
        return hour[np.where(later < end, later, session)] - hour[session]


def _pair_key(shop: _Shop, row: np.ndarray) -> np.ndarray:
    return shop.chances.user[row] * len(shop.catalogue) + shop.chances.item[row]


def _pair_starts(chances: Chances) -> np.ndarray:
    if not len(chances.user):
        return np.zeros(0, np.int64)
    new = (np.diff(chances.user) != 0) | (np.diff(chances.item) != 0)
    return np.concatenate([[0], np.flatnonzero(new) + 1])


def _with_page_views(looks: _Round, shop: _Shop) -> Looks:
    user, n, rng = shop.chances.user[looks.pair], len(looks.pair), shop.rng
    again = rng.random(n) < np.take(LOOKS_AGAIN, looks.intent)
    median = np.log(trait("dwell_seconds")[shop.population.persona[user]]) + DWELL_SHIFT * looks.intent
    dwell = np.exp(median[:, None] + DWELL_SPREAD * rng.standard_normal((n, 2)))
    scrolls = rng.binomial(MOST_SCROLLS, trait("scrolls")[shop.population.persona[user]][:, None], (n, 2))
    shared = looks._asdict()
    chance, pair = shared.pop("chance"), shared.pop("pair")
    item, prior = shop.chances.item[pair], shop.prior[chance]
    return Looks(user=user, item=item, prior=prior, again=again, dwell=dwell, scrolls=scrolls, **shared)
