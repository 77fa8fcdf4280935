"""What people come across: chance looks at items, by popularity, taste and price level, whatever the intent."""

from dataclasses import dataclass

import numpy as np

from willbuy.shop.catalogue import CATEGORIES, Catalogue
from willbuy.shop.personas import Population, trait
from willbuy.shop.visits import Sessions, distinct

# Items are come across by price tier: edges and centres in standard deviations of the category's log price.
TIER_EDGES = (-0.67, 0.0, 0.67)
TIER_CENTRES = (-1.27, -0.32, 0.32, 1.27)
# How far from their own price level people browse.
PRICE_TOLERANCE = 0.9
TIERS = len(TIER_CENTRES)


@dataclass(frozen=True)
class Chances:
    """Chance looks in (user, item, session) order, at most one for an item in a session."""

    user: np.ndarray
    item: np.ndarray
    session: np.ndarray


@dataclass(frozen=True)
class Shelves:
    """Items by shelf (category × price tier). `shelf_share[u, s]` is the share of user u's chance looks that fall on
    shelf s, `item_share[i]` item i's share of its shelf: a look of u falls on i with their product."""

    shelf: np.ndarray
    item_share: np.ndarray
    shelf_share: np.ndarray

    def share(self, user: np.ndarray, item: np.ndarray) -> np.ndarray:
        """The share of `user`'s chance looks that fall on `item`."""
        return self.shelf_share[user, self.shelf[item]] * self.item_share[item]


def arrange(catalogue: Catalogue, population: Population) -> Shelves:
    """Put the catalogue on shelves: a user meets an item by its popularity, their taste and its price tier."""
    shelf = catalogue.category * TIERS + np.searchsorted(TIER_EDGES, catalogue.price_level)
    popularity = np.bincount(shelf, catalogue.weight, len(CATEGORIES) * TIERS)
    distance = population.price_level[:, None] - np.array(TIER_CENTRES)
    fit = np.exp(-0.5 * (distance / PRICE_TOLERANCE) ** 2) + 1e-9
    share = (population.taste[:, :, None] * fit[:, None, :]).reshape(len(population), -1) * popularity
    return Shelves(shelf, catalogue.weight / popularity[shelf], share / share.sum(axis=1, keepdims=True))


def come_across(shelves: Shelves, sessions: Sessions, population: Population, rng: np.random.Generator) -> Chances:
    """Draw every session's chance looks: Poisson in number, so that looks at different items are independent and
    an item is met in a session with probability 1 - exp(-looks × share)."""
    looks = trait("looks_a_session")[population.persona[sessions.user]]
    session = np.repeat(np.arange(len(sessions)), rng.poisson(looks))
    shelf = _pick(shelves.shelf_share, sessions.user[session], rng)
    item = _pick_item(shelves, shelf, rng)
    return _in_order(session, item, sessions, len(shelves.shelf))


def _pick(shares: np.ndarray, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A column for each row number, by that row's shares: one search in all rows' running sums laid end to end."""
    columns = shares.shape[1]
    running = np.cumsum(shares, axis=1)
    running[:, -1] = 1.0
    ends = (np.arange(len(shares))[:, None] + running).ravel()
    found = np.searchsorted(ends, row + rng.random(len(row)), side="right")
    return np.clip(found - row * columns, 0, columns - 1)


def _pick_item(shelves: Shelves, shelf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = np.argsort(shelves.shelf, kind="stable")
    sizes = np.bincount(shelves.shelf, minlength=shelves.shelf_share.shape[1])
    running = np.cumsum(shelves.item_share[order])
    last = np.cumsum(sizes) - 1
    before = np.concatenate([[0.0], running])[last - sizes + 1]
    found = np.searchsorted(running, before[shelf] + rng.random(len(shelf)), side="right")
    return order[np.clip(found, (last - sizes + 1)[shelf], last[shelf])]


def _in_order(session: np.ndarray, item: np.ndarray, sessions: Sessions, items: int) -> Chances:
    session, item = np.divmod(distinct(session * items + item), items)
    user = sessions.user[session]
    order = np.argsort(user * items + item, kind="stable")
    return Chances(user[order], item[order], session[order])
