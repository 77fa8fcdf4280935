from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willbuy.shop import intent
from willbuy.shop.personas import trait

KEYS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(1, 9)), max_size=30)


@given(KEYS, st.integers(1, 12))
def test_lately_counts_and_sums_the_hours_before(rows, window):
    key, hour, value = np.array(rows, np.int64).reshape(-1, 3).T
    count, total = intent.lately(key, hour, value.astype(float), window)
    for n in range(len(rows)):
        past = (key == key[n]) & (hour < hour[n]) & (hour >= hour[n] - window)
        assert count[n] == past.sum()
        assert total[n] == pytest.approx(value[past].sum())


def test_the_reference_price_is_the_mean_of_what_was_looked_at():
    user, hour = np.array([0, 0, 0, 1]), np.array([0, 5, 9, 9])
    price = np.array([10.0, 30.0, 99.0, 7.0])
    assert intent.reference_price(user, price, hour).tolist() == [10, 10, 20, 7]


def without_discount(parts):
    return replace(parts.catalogue, discount=np.zeros_like(parts.catalogue.discount))


def test_a_discount_raises_the_odds_of_an_intent(parts):
    plain = intent.inclination(parts.chances, parts.sessions, parts.population, without_discount(parts))
    day = parts.sessions.day[parts.chances.session]
    reduced = parts.catalogue.discount[parts.chances.item, day] > 0
    assert (parts.prior - plain)[reduced].mean() > 0.3
    # At full price others' discounts still move the reference price, and only a little.
    assert abs((parts.prior - plain)[~reduced].mean()) < 0.05


def test_the_odds_follow_persona_taste_quality_and_evening(parts):
    chances, population = parts.chances, parts.population
    persona, hour = population.persona[chances.user], parts.sessions.hour[chances.session]
    above = np.log(parts.catalogue.price(chances.item, hour // 24)) - np.log(
        intent.reference_price(chances.user, parts.catalogue.price(chances.item, hour // 24), hour)
    )
    category = chances.user * 5 + parts.catalogue.category[chances.item]
    compared, _ = intent.lately(category, hour, np.ones(len(hour)), intent.COMPARED_WITHIN_HOURS)
    discount = parts.catalogue.discount[chances.item, hour // 24]
    columns = [
        population.taste[chances.user, parts.catalogue.category[chances.item]],
        parts.catalogue.quality[chances.item],
        discount,
        np.maximum(above, 0),
        np.isin(hour % 24, range(*intent.EVENING)),
        np.log1p(compared),
        np.ones(len(hour)),
    ]
    for number in range(3):
        rows = persona == number
        fit, *_ = np.linalg.lstsq(np.column_stack(columns)[rows], parts.prior[rows], rcond=None)
        sensitivity = trait("price_sensitivity")[number]
        expected = [
            intent.TASTE_WEIGHT,
            1.0,
            sensitivity * intent.DISCOUNT_WEIGHT,
            -sensitivity * intent.ABOVE_REFERENCE_WEIGHT,
            intent.EVENING_WEIGHT,
            trait("comparing")[number],
            trait("intent")[number],
        ]
        np.testing.assert_allclose(fit, expected, atol=1e-6)


def test_logistic_turns_log_odds_into_chances():
    np.testing.assert_allclose(intent.logistic(np.log([1 / 3, 1.0, 9.0])), [0.25, 0.5, 0.9])
