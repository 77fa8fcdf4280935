"""Who intends to buy: the chance that a fresh consideration carries an intent, from what is known at its first look."""

import numpy as np

from willbuy.shop.browsing import Chances
from willbuy.shop.catalogue import CATEGORIES, Catalogue
from willbuy.shop.personas import HOURS_A_DAY, Population, trait
from willbuy.shop.visits import Sessions

TASTE_WEIGHT = 2.5
DISCOUNT_WEIGHT = 3.0
# A price above the user's reference price lowers the odds of an intent; one below it does not raise them.
ABOVE_REFERENCE_WEIGHT = 0.6
EVENING = (19, 22)
EVENING_WEIGHT = 0.5
COMPARED_WITHIN_HOURS = 7 * HOURS_A_DAY
REMEMBERED_HOURS = 30 * HOURS_A_DAY


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def inclination(chances: Chances, sessions: Sessions, population: Population, catalogue: Catalogue) -> np.ndarray:
    """The log-odds of an intent at each chance look, should a consideration begin with it.

    It adds up the persona's leaning, the user's taste for the category, the item's quality, today's discount, the
    price against the user's reference price, the hour, and how much the user compared within the category.
    """
    user, item, hour = chances.user, chances.item, sessions.hour[chances.session]
    persona, category, day = population.persona[user], catalogue.category[item], hour // HOURS_A_DAY
    price = catalogue.price(item, day)
    above = np.maximum(np.log(price / reference_price(user, price, hour)), 0)
    compared, _ = lately(user * len(CATEGORIES) + category, hour, np.ones(len(hour)), COMPARED_WITHIN_HOURS)
    appeal = DISCOUNT_WEIGHT * catalogue.discount[item, day] - ABOVE_REFERENCE_WEIGHT * above
    return (
        trait("intent")[persona]
        + TASTE_WEIGHT * population.taste[user, category]
        + catalogue.quality[item]
        + trait("price_sensitivity")[persona] * appeal
        + EVENING_WEIGHT * is_evening(hour)
        + trait("comparing")[persona] * np.log1p(compared)
    )


def reference_price(user: np.ndarray, price: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """What the user is used to: the mean price of their chance looks in earlier sessions of the past 30 days.

    A user without such looks takes the price as it is.
    """
    count, total = lately(user, hour, price, REMEMBERED_HOURS)
    return np.where(count > 0, total / np.maximum(count, 1), price)


def lately(key: np.ndarray, hour: np.ndarray, value: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row: how many rows of the same key lie in the `window` hours before its own hour, and the sum of
    their values."""
    span = int(hour.max(initial=0)) + window + 1
    place = key * span + window + hour
    order = np.argsort(place, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(value[order])])
    stop = np.searchsorted(place[order], place, side="left")
    begin = np.searchsorted(place[order], place - window, side="left")
    return stop - begin, total[stop] - total[begin]


def is_evening(hour: np.ndarray) -> np.ndarray:
    """Whether an hour of the log falls in the evening, when more people intend to buy."""
    of_day = hour % HOURS_A_DAY
    return (of_day >= EVENING[0]) & (of_day < EVENING[1])
