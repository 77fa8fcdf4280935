"""One shop for the whole session, as its parts and as its tables."""

from __future__ import annotations

from datetime import date
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from willbuy.shop import browsing, catalogue, circumstances, intent, looking, personas, simulate, timeline, visits

USERS, ITEMS, DAYS, START, SEED, HORIZON = 2500, 300, 49, "2024-01-01", 11, 7


@pytest.fixture(scope="session")
def simulated():
    """The shop by its least lead in minutes."""
    return partial(simulate, USERS, ITEMS, DAYS, START, SEED, HORIZON)


@pytest.fixture(scope="session")
def shop(simulated):
    return simulated()


@pytest.fixture(scope="session")
def events(shop):
    return shop.events.to_pandas()


@pytest.fixture(scope="session")
def parts():
    """The stages before the truth, each from a stream of its own."""
    streams = [np.random.default_rng([SEED, n]) for n in range(7)]
    population = personas.populate(USERS, DAYS, streams[0])
    goods = catalogue.stock(ITEMS, DAYS, streams[1])
    sessions = visits.come(population, date.fromisoformat(START), DAYS, streams[2])
    shelves = browsing.arrange(goods, population)
    chances = browsing.come_across(shelves, sessions, population, streams[3])
    prior = intent.inclination(chances, sessions, population, goods)
    looks = looking.follow(chances, prior, sessions, population, goods, streams[4])
    line = timeline.lay_out(looks, sessions.hour, streams[5])
    came = circumstances.arise(looks, line.landing, sessions, population, streams[6])
    return SimpleNamespace(
        population=population,
        catalogue=goods,
        sessions=sessions,
        shelves=shelves,
        chances=chances,
        prior=prior,
        looks=looks,
        line=line,
        came=came,
    )
