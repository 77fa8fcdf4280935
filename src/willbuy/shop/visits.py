"""When people come: sessions as a Poisson process that follows the hour of the day and the day of the week."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from willbuy.shop.personas import HOURS_A_DAY, Population

# Relative traffic by UTC hour and by weekday (Monday first).
HOUR_TRAFFIC = (8, 5, 3, 2, 2, 4, 9, 18, 28, 36, 42, 48, 54, 50, 46, 44, 46, 52, 62, 74, 80, 70, 44, 20)
WEEKDAY_TRAFFIC = (0.95, 0.92, 0.92, 0.96, 1.02, 1.15, 1.08)


@dataclass(frozen=True)
class Sessions:
    """Sessions in (user, hour) order: whose, and the hour of the log they fall in. `first[u]:first[u + 1]` are
    user u's."""

    user: np.ndarray
    hour: np.ndarray
    first: np.ndarray

    def __len__(self) -> int:
        return len(self.user)

    @property
    def day(self) -> np.ndarray:
        """The day of the log on which each session falls, from 0."""
        return self.hour // HOURS_A_DAY


def distinct(keys: np.ndarray) -> np.ndarray:
    """The different keys, sorted; several times faster on millions of integers than `numpy.unique`."""
    keys = np.sort(keys)
    return keys[np.diff(keys, prepend=-1) != 0]


def intensity(start: date, hours: int) -> np.ndarray:
    """Expected sessions in each hour from `start` on of a user who comes once a day on average over a week."""
    hour = np.arange(hours)
    by_hour = np.array(HOUR_TRAFFIC) / np.sum(HOUR_TRAFFIC)
    by_weekday = np.array(WEEKDAY_TRAFFIC) / np.mean(WEEKDAY_TRAFFIC)
    return by_hour[hour % HOURS_A_DAY] * by_weekday[(start.weekday() + hour // HOURS_A_DAY) % 7]


def come(population: Population, start: date, days: int, rng: np.random.Generator) -> Sessions:
    """Draw everybody's sessions from their registration to the end of the log.

    Arrivals are Poisson; those of one user in one hour are one session, so a user's hour has a session with
    probability 1 - exp(-intensity), and sessions never overlap.
    """
    hours = days * HOURS_A_DAY
    expected = np.concatenate([[0.0], np.cumsum(intensity(start, hours))])
    opens = expected[np.clip(np.ceil(population.registered_hour), 0, hours).astype(np.int64)]
    user = np.repeat(np.arange(len(population)), rng.poisson(population.sessions_a_day * (expected[-1] - opens)))
    when = opens[user] + rng.random(len(user)) * (expected[-1] - opens[user])
    hour = np.clip(np.searchsorted(expected, when, side="right") - 1, 0, hours - 1)
    user, hour = np.divmod(distinct(user * hours + hour), hours)
    return Sessions(user, hour, np.searchsorted(user, np.arange(len(population) + 1)))
