"""The whole shop: parts drawn one after the other, put together as tables."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np
import pyarrow as pa

from willbuy.clock import microseconds
from willbuy.shop import browsing, catalogue, circumstances, intent, looking, personas, tables, timeline, truth, visits


@dataclass(frozen=True)
class Shop:
    """Arrow tables by `willbuy.schema`: `users` adds `persona` and `registered_at`; `items` adds `popularity` (its
    share of chance looks) and `quality`; `truth` has a row for every view and add_to_cart, in the events' order."""

    events: pa.Table
    items: pa.Table
    users: pa.Table
    truth: pa.Table


def simulate(
    users: int, items: int, days: int, start: str | date, seed: int, horizon_days: int, min_lead_minutes: float = 0
) -> Shop:
    """Simulate a shop of `users` users and `items` items over `days` UTC days from `start` on ('YYYY-MM-DD').

    The same arguments give the same tables, everywhere and always; `horizon_days` and `min_lead_minutes` change only
    the truth. Every part of the shop draws from its own stream of `seed`. Raises ValueError for a count below 1, for a
    `start` that is not a date, and for a horizon of more than 14 days.
    """
    _check(users=users, items=items, days=days, horizon_days=horizon_days)
    start = date.fromisoformat(start) if isinstance(start, str) else start
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(7)]
    people, stock, visit, browse, look, lay, arise = streams
    population = personas.populate(users, days, people)
    goods = catalogue.stock(items, days, stock)
    sessions = visits.come(population, start, days, visit)
    shelves = browsing.arrange(goods, population)
    chances = browsing.come_across(shelves, sessions, population, browse)
    prior = intent.inclination(chances, sessions, population, goods)
    looks = looking.follow(chances, prior, sessions, population, goods, look)
    line = timeline.lay_out(looks, sessions.hour, lay)
    came = circumstances.arise(looks, line.landing, sessions, population, arise)
    true = truth.posterior(looks, came, sessions, population, goods, shelves, start, horizon_days, min_lead_minutes)
    opened = microseconds(datetime.combine(start, time(), UTC))
    events, known = tables.events(line, looks, came, goods, true, opened, users)
    return Shop(events, tables.items(goods), tables.users(population, line, looks, opened), known)


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} = {count}; a shop needs at least 1")
