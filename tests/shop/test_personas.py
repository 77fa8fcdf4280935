import numpy as np
import pytest
from scipy import stats

from willbuy.shop import personas
from willbuy.shop.catalogue import CATEGORIES

USERS, DAYS = 20_000, 90


@pytest.fixture(scope="module")
def population():
    return personas.populate(USERS, DAYS, np.random.default_rng(1))


def test_the_personas_are_the_configured_mix(population):
    counts = np.bincount(population.persona, minlength=3)
    assert [p.name for p in personas.PERSONAS] == ["browser", "researcher", "buyer"]
    assert [p.share for p in personas.PERSONAS] == [0.70, 0.25, 0.05]
    assert stats.chisquare(counts, personas.trait("share") * USERS).pvalue > 0.001


def test_each_persona_comes_at_its_rate(population):
    for number, persona in enumerate(personas.PERSONAS):
        rates = population.sessions_a_day[population.persona == number]
        error = persona.sessions_a_day / np.sqrt(personas.RATE_SHAPE * len(rates))
        assert abs(rates.mean() - persona.sessions_a_day) < 4 * error


def test_most_know_the_shop_already_and_the_rest_join_while_the_log_runs(population):
    before = population.registered_hour < 0
    assert stats.binomtest(int(before.sum()), USERS, personas.REGISTERED_BEFORE).pvalue > 0.001
    assert population.registered_hour.min() >= -personas.LONGEST_MEMBERSHIP_DAYS * 24
    joined = population.registered_hour[~before] / (DAYS * 24)
    assert stats.kstest(joined, "uniform").pvalue > 0.001


def test_tastes_are_shares_that_average_to_the_catalogue(population):
    np.testing.assert_allclose(population.taste.sum(axis=1), 1)
    assert (population.taste >= 0).all()
    expected = [category.share for category in CATEGORIES]
    np.testing.assert_allclose(population.taste.mean(axis=0), expected, atol=0.01)
    assert population.taste.std(axis=0).min() > 0.05


def test_a_trait_is_indexed_by_persona_number():
    assert personas.trait("buys")[2] == personas.PERSONAS[2].buys
    assert len(personas.populate(3, 1, np.random.default_rng(0))) == 3
