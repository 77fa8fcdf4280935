"""What acting earns: thresholds, ways of acting side by side, and the assumed effect."""

from dataclasses import replace

import numpy as np
import pytest
from logs import moments

from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.market import Market, Policy
from willbuy.evaluation.money import NOBODY, advice, best_threshold, by_effect, curve, summary, verdict

POLICY = Policy(sale_value=10, action_cost=1, effect=0.5, every=50, horizon=50)


@pytest.fixture(scope="module")
def worth():
    """A hundred users with one decision point each; the last twenty buy."""
    decisions = moments([(f"u{n}", "i", 0) for n in range(100)])
    market = Market(decisions, moments([(f"u{n}", "i", 5) for n in range(80, 100)]), POLICY)
    in_cart = np.arange(100) >= 90
    return summary(
        market, np.arange(100) / 100, 0.7, in_cart, np.full(100, 20.0), UserBootstrap(decisions.user_id, 50, 1)
    )


def test_the_threshold_of_the_highest_profit_is_found():
    decisions = moments([(f"u{n}", "i", 0) for n in range(100)])
    probabilities = np.arange(100) / 100
    buyers = moments([(f"u{n}", "i", 5) for n in range(80, 100)])
    market = Market(decisions, buyers, POLICY)
    assert best_threshold(curve(market, probabilities)) == 0.8
    assert curve(market, probabilities, [0.8]).iloc[0].to_dict() == {
        "profit": 80.0,
        "actions": 20.0,
        "credited_sales": 20.0,
        "users_acted_on": 20.0,
        "threshold": 0.8,
    }


def test_where_nothing_earns_nobody_is_acted_on():
    market = Market(moments([("u", "i", 0), ("v", "i", 0)]), moments([("w", "i", 5)]), POLICY)
    assert best_threshold(curve(market, np.array([0.2, 0.4]))) == NOBODY
    assert len(market.act(np.array([0.2, 0.4]), NOBODY).acted_on) == 0


def test_ways_of_acting_stand_side_by_side(worth):
    assert (worth["profit"].value, worth["act_on_all"].value, worth["rule"].value) == (70, 0, 40)
    assert (worth["actions"], worth["users_acted_on"], worth["credited_sales"]) == (30, 30, 20)
    assert worth["break_even_effect"] == 0.15
    assert worth["profit"].low < 70 < worth["profit"].high


def test_where_prices_count_acting_by_value_stands_beside(worth):
    decisions = moments([(f"u{n}", "i", 0) for n in range(100)])
    buyers = moments([(f"u{n}", "i", 5) for n in range(80, 100)]).assign(price=20.0)
    market = Market(decisions, buyers, replace(POLICY, sale_value=0))
    prices = np.where(np.arange(100) < 90, np.nan, 20.0)
    found = summary(market, np.full(100, 0.2), 0.1, np.ones(100, bool), prices, UserBootstrap(decisions.user_id, 50, 1))
    assert found["by_value"].value == 0.5 * 20 * 10 - 10
    assert (found["credited_sales"], found["credited_value"]) == (20, 400)
    assert "by_value" not in worth and worth["credited_value"] == 200


def test_the_verdict_says_what_was_earned_and_from_which_effect_on_it_pays(worth):
    said = verdict(worth)
    assert "30 actions on 30 users are followed by 20 sales and earn **70 [" in said
    assert "from a share of **15%** on" in said
    assert "nobody is acted on" in verdict(worth | {"actions": 0})
    assert "at no share" in verdict(worth | {"break_even_effect": 1.2})


def test_profit_by_effect_is_a_line_through_the_break_even():
    decisions = moments([(f"u{n}", "i", 0) for n in range(100)])
    market = Market(decisions, moments([(f"u{n}", "i", 5) for n in range(20)]), POLICY)
    table = by_effect(market.act(np.ones(100), 0.5), UserBootstrap(decisions.user_id, 20, 1)).set_index("effect")
    assert table.value.loc[0.0] == -100 and table.value.loc[0.5] == 0 and table.value.loc[1.0] == 100


def test_the_advice_names_the_threshold_or_nobody():
    assert advice(0.25, 0.5).startswith("Acting pays from a probability of **0.250** on, if 50%")
    assert "act on nobody" in advice(NOBODY, 0.5)
