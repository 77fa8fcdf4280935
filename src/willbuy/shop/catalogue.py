"""What is for sale: categories, prices, popularity, and discounts that come and go."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Category:
    """Prices of a category are log-normal: `median_price` × exp(`spread` × standard normal)."""

    name: str
    share: float
    median_price: float
    spread: float


CATEGORIES = (
    Category("Electronics", 0.20, 150.0, 0.8),
    Category("Clothing", 0.25, 40.0, 0.5),
    Category("Home & Kitchen", 0.20, 50.0, 0.7),
    Category("Books", 0.20, 15.0, 0.4),
    Category("Sports & Outdoors", 0.15, 45.0, 0.6),
)
LOWEST_PRICE = 0.99
ZIPF_EXPONENT = 0.6
# Quality is mostly what makes an item popular, so that it shows in the log; the rest is the item's own.
QUALITY_FROM_POPULARITY = 0.5
QUALITY_OWN = 0.2
# A discount starts and ends at midnight UTC: a two-state Markov chain a day, active 1/6 of the time in the long run.
DISCOUNT_STARTS = 0.04
DISCOUNT_ENDS = 0.20
DISCOUNT_DEPTHS = (0.10, 0.15, 0.20, 0.25, 0.30, 0.40)


@dataclass(frozen=True)
class Catalogue:
    """Items as arrays of one length; `price_level` is the base price in standard deviations of its category's log
    price, `weight` its share of all chance looks before taste. `discount[item, day]` is the fraction off, 0 if none.
    """

    category: np.ndarray
    base_price: np.ndarray
    price_level: np.ndarray
    weight: np.ndarray
    quality: np.ndarray
    discount: np.ndarray

    def __len__(self) -> int:
        return len(self.category)

    def price(self, item: np.ndarray, day: np.ndarray) -> np.ndarray:
        """What `item` costs on `day`, in whole cents of the currency."""
        return np.round(self.base_price[item] * (1 - self.discount[item, day]), 2)


def stock(items: int, days: int, rng: np.random.Generator) -> Catalogue:
    """Draw a catalogue of `items` items and its discounts over `days` days."""
    category = rng.choice(len(CATEGORIES), items, p=[c.share for c in CATEGORIES])
    level = rng.standard_normal(items)
    weight = _popularity(items, rng)
    return Catalogue(
        category, _prices(category, level), level, weight, _quality(weight, rng), _discounts(items, days, rng)
    )


def _prices(category: np.ndarray, level: np.ndarray) -> np.ndarray:
    median = np.array([c.median_price for c in CATEGORIES])[category]
    spread = np.array([c.spread for c in CATEGORIES])[category]
    return np.maximum(np.round(median * np.exp(spread * level), 2), LOWEST_PRICE)


def _popularity(items: int, rng: np.random.Generator) -> np.ndarray:
    weight = rng.permutation(np.arange(1, items + 1) ** -ZIPF_EXPONENT)
    return weight / weight.sum()


def _quality(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    fame = np.log(weight) - np.log(weight).mean()
    return QUALITY_FROM_POPULARITY * fame + QUALITY_OWN * rng.standard_normal(len(weight))


def _discounts(items: int, days: int, rng: np.random.Generator) -> np.ndarray:
    discount = np.zeros((items, days))
    long_run = DISCOUNT_STARTS / (DISCOUNT_STARTS + DISCOUNT_ENDS)
    today = np.where(rng.random(items) < long_run, rng.choice(DISCOUNT_DEPTHS, items), 0.0)
    for day in range(days):
        discount[:, day] = today
        chance, depth = rng.random(items), rng.choice(DISCOUNT_DEPTHS, items)
        stays = np.where(chance < DISCOUNT_ENDS, 0.0, today)
        today = np.where(today > 0, stays, np.where(chance < DISCOUNT_STARTS, depth, 0.0))
    return discount
