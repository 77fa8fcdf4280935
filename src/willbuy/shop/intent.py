"""Who means to buy: the chance that a fresh consideration carries an intent, from what is seen at its first look."""

from __future__ import annotations

import numpy as np

from willbuy.shop.browsing import Chances
from willbuy.shop.catalog import CATEGORIES, Catalog
from willbuy.shop.personas import HOURS_A_DAY, Population, trait
from willbuy.shop.visits import Sessions

TASTE_WEIGHT = 1.6
DISCOUNT_WEIGHT = 3.0
# What an item costs above the user's price level, in standard deviations, puts off; below it nothing is gained.
ABOVE_LEVEL_WEIGHT = 0.7
EVENING = (19, 22)
EVENING_WEIGHT = 0.35
COMPARED_WITHIN_HOURS = 7 * HOURS_A_DAY


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def chance(chances: Chances, sessions: Sessions, population: Population, catalog: Catalog) -> np.ndarray:
    """The log-odds of an intent at each chance look, should a consideration begin with it.

    It adds up the persona's inclination, the user's taste for the category, the item's quality, today's price
    against the user's price level, the hour, and how much the user compared within the category this past week.
    """
    user, item, hour = chances.user, chances.item, sessions.hour[chances.session]
    persona, category = population.persona[user], catalog.category[item]
    return (
        trait("intent")[persona]
        + TASTE_WEIGHT * population.taste[user, category]
        + catalog.quality[item]
        + price_appeal(population.price_level[user], item, hour // HOURS_A_DAY, persona, catalog)
        + EVENING_WEIGHT * _is_evening(hour)
        + trait("comparing")[persona] * np.log1p(compared(user, category, hour))
    )


def price_appeal(
    level: np.ndarray, item: np.ndarray, day: np.ndarray, persona: np.ndarray, catalog: Catalog
) -> np.ndarray:
    """What today's price adds to the log-odds: a discount draws, a price above the user's level puts off."""
    discount = catalog.discount[item, day]
    spread = np.array([c.spread for c in CATEGORIES])[catalog.category[item]]
    above = catalog.price_level[item] + np.log1p(-discount) / spread - level
    draw = DISCOUNT_WEIGHT * discount - ABOVE_LEVEL_WEIGHT * np.maximum(above, 0)
    return trait("price_sensitivity")[persona] * draw


def compared(user: np.ndarray, category: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """How many chance looks the same user had in the same category in earlier sessions of the past week."""
    span = int(hour.max(initial=0)) + COMPARED_WITHIN_HOURS + 1
    base = (user * len(CATEGORIES) + category) * span + COMPARED_WITHIN_HOURS
    key = np.sort(base + hour)
    earlier = np.searchsorted(key, base + hour, side="left")
    return earlier - np.searchsorted(key, base + hour - COMPARED_WITHIN_HOURS, side="left")


def _is_evening(hour: np.ndarray) -> np.ndarray:
    of_day = hour % HOURS_A_DAY
    return (of_day >= EVENING[0]) & (of_day < EVENING[1])
