from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from willbuy.shop import personas, visits

START, DAYS = date(2024, 1, 3), 56  # a Wednesday; whole weeks


@pytest.fixture(scope="module")
def population():
    return personas.populate(3000, DAYS, np.random.default_rng(3))


@pytest.fixture(scope="module")
def sessions(population):
    return visits.come(population, START, DAYS, np.random.default_rng(4))


def test_the_intensity_of_a_week_is_seven_sessions():
    assert visits.intensity(START, 7 * 24).sum() == pytest.approx(7)


def test_the_weekday_is_the_calendars():
    days = visits.intensity(START, 7 * 24).reshape(7, 24).sum(axis=1)
    expected = [visits.WEEKDAY_TRAFFIC[(2 + n) % 7] / np.mean(visits.WEEKDAY_TRAFFIC) for n in range(7)]
    np.testing.assert_allclose(days, expected)


def open_hours(population):
    """(users, hours): the chance of a session in each hour, nothing before registration."""
    hour = np.arange(DAYS * 24)
    chance = 1 - np.exp(-population.sessions_a_day[:, None] * visits.intensity(START, len(hour)))
    return np.where(hour >= population.registered_hour[:, None], chance, 0.0)


@pytest.mark.parametrize(("unit", "size"), [("hour", 24), ("weekday", 7), ("day", DAYS)])
def test_traffic_follows_the_hour_the_weekday_and_the_day(population, sessions, unit, size):
    which = {"hour": lambda h: h % 24, "weekday": lambda h: h // 24 % 7, "day": lambda h: h // 24}[unit]
    expected = np.bincount(which(np.arange(DAYS * 24)), open_hours(population).sum(axis=0), size)
    found = np.bincount(which(sessions.hour), minlength=size)
    assert stats.chi2.sf(((found - expected) ** 2 / expected).sum(), size) > 0.001


def test_users_differ_as_their_rates_do(population, sessions):
    chance = open_hours(population)
    found = np.bincount(sessions.user, minlength=len(population))
    spread = np.maximum((chance * (1 - chance)).sum(axis=1), 1e-12)
    z = (found - chance.sum(axis=1)) / np.sqrt(spread)
    often = chance.sum(axis=1) > 5
    assert z[often].std() == pytest.approx(1, abs=0.1)


def test_nobody_comes_before_registering(population, sessions):
    assert (sessions.hour >= population.registered_hour[sessions.user]).all()


def test_an_hour_holds_one_session_of_a_user(sessions):
    keys = sessions.user * DAYS * 24 + sessions.hour
    assert (np.diff(keys) > 0).all()
    assert sessions.hour.min() >= 0 and sessions.hour.max() < DAYS * 24


def test_first_points_to_each_users_sessions(population, sessions):
    for user in (0, 1, len(population) - 1):
        assert (sessions.user[sessions.first[user] : sessions.first[user + 1]] == user).all()
    assert sessions.first[-1] == len(sessions)


def test_who_joins_after_the_log_never_comes(population):
    late = replace(population, registered_hour=np.full(len(population), DAYS * 24.0))
    assert len(visits.come(late, START, DAYS, np.random.default_rng(5))) == 0


@given(st.lists(st.integers(0, 50)))
def test_distinct_is_the_sorted_set(keys):
    assert visits.distinct(np.array(keys, np.int64)).tolist() == sorted(set(keys))
