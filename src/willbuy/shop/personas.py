"""Who shops: the personas, what sets them apart, and a population drawn from them."""

from dataclasses import dataclass

import numpy as np

from willbuy.shop.catalogue import CATEGORIES

HOURS_A_DAY = 24
# Three users in four know the shop when the log starts; the rest join while it runs.
REGISTERED_BEFORE = 0.75
LONGEST_MEMBERSHIP_DAYS = 365
# How much visit rates differ among users of one persona: gamma shape, so the spread is 1/sqrt(shape) of the mean.
RATE_SHAPE = 6.0
# Dirichlet concentration of a user's taste over categories, times each category's share of the catalogue.
TASTE_CONCENTRATION = 4.0
PRICE_LEVEL_SPREAD = 0.8


@dataclass(frozen=True)
class Persona:
    """One kind of shopper. Chances are per session or per look, as named; see docs/shop.md for where each enters."""

    name: str
    share: float
    sessions_a_day: float
    looks_a_session: float
    dwell_seconds: float
    scrolls: float
    intent: float
    price_sensitivity: float
    comparing: float
    returns: float
    buys: float
    buys_discounted: float


PERSONAS = (
    Persona("browser", 0.70, 0.44, 5.5, 18, 0.20, -6.85, 1.0, 0.3, 0.15, 0.55, 0.70),
    Persona("researcher", 0.25, 0.50, 8.0, 40, 0.45, -6.95, 1.4, 0.7, 0.20, 0.30, 0.75),
    Persona("buyer", 0.05, 0.38, 3.5, 10, 0.06, -4.05, 0.4, 0.2, 0.15, 0.75, 0.80),
)


def trait(name: str) -> np.ndarray:
    """The personas' values of one trait, indexed by persona number."""
    return np.array([getattr(persona, name) for persona in PERSONAS])


@dataclass(frozen=True)
class Population:
    """Users as arrays of one length: persona number, hours from the log's start to registration (negative: before
    it), expected sessions a day, taste (a row a user, a column a category, rows sum to 1), and the price level they
    shop at, in standard deviations of their category's log price."""

    persona: np.ndarray
    registered_hour: np.ndarray
    sessions_a_day: np.ndarray
    taste: np.ndarray
    price_level: np.ndarray

    def __len__(self) -> int:
        return len(self.persona)


def populate(users: int, days: int, rng: np.random.Generator) -> Population:
    """Draw `users` users of a shop whose log lasts `days` days."""
    persona = rng.choice(len(PERSONAS), users, p=trait("share"))
    rate = trait("sessions_a_day")[persona] * rng.gamma(RATE_SHAPE, 1 / RATE_SHAPE, users)
    return Population(persona, _registered(users, days, rng), rate, _taste(users, rng), _price_level(users, rng))


def _registered(users: int, days: int, rng: np.random.Generator) -> np.ndarray:
    before = rng.random(users) < REGISTERED_BEFORE
    day = np.where(before, -LONGEST_MEMBERSHIP_DAYS * rng.random(users), days * rng.random(users))
    return day * HOURS_A_DAY


def _taste(users: int, rng: np.random.Generator) -> np.ndarray:
    shares = np.array([category.share for category in CATEGORIES])
    # The floor keeps a row of tiny gammas from dividing zero by zero.
    weights = rng.gamma(TASTE_CONCENTRATION * shares, size=(users, len(shares))) + 1e-9
    return weights / weights.sum(axis=1, keepdims=True)


def _price_level(users: int, rng: np.random.Generator) -> np.ndarray:
    return PRICE_LEVEL_SPREAD * rng.standard_normal(users)
