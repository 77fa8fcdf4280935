import numpy as np
import pytest
from scipy import stats

from willbuy.shop import catalogue

ITEMS, DAYS = 4000, 120


@pytest.fixture(scope="module")
def goods():
    return catalogue.stock(ITEMS, DAYS, np.random.default_rng(2))


def test_categories_have_their_shares(goods):
    expected = np.array([c.share for c in catalogue.CATEGORIES]) * ITEMS
    assert stats.chisquare(np.bincount(goods.category), expected).pvalue > 0.001


@pytest.mark.parametrize("number", range(len(catalogue.CATEGORIES)))
def test_prices_of_a_category_are_log_normal(goods, number):
    category = catalogue.CATEGORIES[number]
    logs = np.log(goods.base_price[goods.category == number])
    fit = stats.kstest((logs - np.log(category.median_price)) / category.spread, "norm")
    assert fit.pvalue > 0.001


def test_prices_are_whole_cents_and_never_below_the_least(goods):
    assert goods.base_price.min() >= catalogue.LOWEST_PRICE
    np.testing.assert_allclose(goods.base_price * 100, np.rint(goods.base_price * 100), atol=1e-6)


def test_popularity_falls_with_rank_as_zipf_says(goods):
    ranked = np.sort(goods.weight)[::-1]
    slope = np.polyfit(np.log(np.arange(1, ITEMS + 1)), np.log(ranked), 1)[0]
    assert slope == pytest.approx(-catalogue.ZIPF_EXPONENT)
    assert goods.weight.sum() == pytest.approx(1)


def test_quality_shows_in_popularity_but_not_entirely(goods):
    assert 0.7 < np.corrcoef(goods.quality, np.log(goods.weight))[0, 1] < 0.97


def test_discounts_start_and_end_at_their_rates(goods):
    on, next_on = goods.discount[:, :-1] > 0, goods.discount[:, 1:] > 0
    starts, ends = next_on[~on], ~next_on[on]
    assert stats.binomtest(int(starts.sum()), len(starts), catalogue.DISCOUNT_STARTS).pvalue > 0.001
    assert stats.binomtest(int(ends.sum()), len(ends), catalogue.DISCOUNT_ENDS).pvalue > 0.001


def test_the_first_day_is_like_any_other(goods):
    long_run = catalogue.DISCOUNT_STARTS / (catalogue.DISCOUNT_STARTS + catalogue.DISCOUNT_ENDS)
    first = int((goods.discount[:, 0] > 0).sum())
    assert stats.binomtest(first, ITEMS, long_run).pvalue > 0.001


def test_a_discount_keeps_its_depth_and_every_depth_is_as_likely(goods):
    running = (goods.discount[:, :-1] > 0) & (goods.discount[:, 1:] > 0)
    assert (goods.discount[:, :-1][running] == goods.discount[:, 1:][running]).all()
    starting = (goods.discount[:, :-1] == 0) & (goods.discount[:, 1:] > 0)
    depths, counts = np.unique(goods.discount[:, 1:][starting], return_counts=True)
    assert tuple(depths) == catalogue.DISCOUNT_DEPTHS
    assert stats.chisquare(counts).pvalue > 0.001


def test_the_price_is_the_base_price_less_todays_discount(goods):
    item, day = np.nonzero(goods.discount)
    price = goods.price(item, day)
    assert (price < goods.base_price[item]).all()
    np.testing.assert_allclose(price, goods.base_price[item] * (1 - goods.discount[item, day]), atol=0.00501)
    item, day = np.nonzero(goods.discount == 0)
    assert (goods.price(item, day) == goods.base_price[item]).all()
