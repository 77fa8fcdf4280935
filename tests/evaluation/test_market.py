"""The policy of acting, against a walk through every decision point and purchase that knows nothing of sorting."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import moments

from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.market import Market, Policy

POLICY = Policy(sale_value=10, action_cost=1, effect=0.5, every=50, horizon=50)
HOUR = 3_600_000_000


def by_hand(decisions, probabilities, purchases, threshold, policy) -> tuple[int, int]:
    """Actions and credited sales, one row at a time."""
    actions = []
    for (user, item, time), p in sorted(zip(decisions, probabilities, strict=True), key=lambda pair: pair[0][2]):
        recent = [t for u, i, t in actions if (u, i) == (user, item) and time - t < policy.every]
        if p >= threshold and not recent:
            actions.append((user, item, time))
    credited = [
        any((u, i) == (user, item) and policy.lead < time - t <= policy.horizon for u, i, t in actions)
        for user, item, time in purchases
    ]
    return len(actions), sum(credited)


rows = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 200)), max_size=30)


@settings(max_examples=200, deadline=None)
@given(
    decisions=rows.filter(len),
    purchases=rows,
    levels=st.lists(st.integers(0, 4), min_size=30, max_size=30),
    threshold=st.integers(0, 5),
    every=st.integers(1, 80),
    horizon=st.integers(1, 80),
    lead=st.integers(0, 20),
)
def test_the_policy_is_followed_for_any_log(decisions, purchases, levels, threshold, every, horizon, lead):
    policy = Policy(10, 1, 0.5, every, horizon, lead)
    probabilities = np.array(levels[: len(decisions)]) / 5
    found = Market(moments(decisions), moments(purchases), policy).act(probabilities, threshold / 5)
    expected = by_hand(decisions, probabilities, purchases, threshold / 5, policy)
    assert (len(found.acted_on), len(found.credited)) == expected
    assert found.profit == 0.5 * 10 * expected[1] - 1 * expected[0]


def test_one_sale_is_credited_once_however_many_decision_points_lie_before_it():
    decisions = moments([("u", "i", time) for time in range(10)])
    found = Market(decisions, moments([("u", "i", 20)]), POLICY).act(np.ones(10), 0.5)
    assert (len(found.acted_on), len(found.credited), found.users) == (1, 1, 1)
    assert found.profit == 4.0


def test_a_sale_within_the_lead_is_not_credited_but_the_action_is_paid():
    late = Policy(10, 1, 0.5, 50, 50, lead=10)
    found = Market(moments([("u", "i", 0)]), moments([("u", "i", 10)]), late).act(np.ones(1), 0.5)
    assert found.profit == -1.0


def test_the_effect_from_which_acting_pays():
    assert POLICY.break_even(brought=200, actions=50) == 0.25
    assert POLICY.profit(200, 50) == 10 * (0.5 - 0.25) * 20
    assert np.isnan(POLICY.break_even(brought=0, actions=50))


PRICES = replace(POLICY, sale_value=0)


def test_where_prices_count_a_sale_brings_its_own():
    decisions = moments([("u", "i", 0), ("v", "i", 0), ("w", "i", 0)])
    purchases = moments([("w", "i", 9), ("u", "i", 5), ("v", "i", 7), ("v", "i", 70)])
    purchases = purchases.assign(price=[np.nan, 20.0, 30.5, 1000.0])
    found = Market(decisions, purchases, PRICES).act(np.array([0.9, 0.8, 0.7]), 0.5)
    assert (found.brought, found.profit) == (50.5, 0.5 * 50.5 - 3)
    bootstrap = UserBootstrap(decisions.user_id, 100, 1)
    value, drawn = found.profits(bootstrap)
    assert value == found.profit and drawn == pytest.approx(bootstrap.counts @ [9, 14.25, -1])
    with pytest.raises(ValueError, match="no purchase of this log has one"):
        Market(decisions, purchases.assign(price=np.nan), PRICES)


def test_what_pays_is_worth_more_than_the_action():
    assert PRICES.pays(np.array([2.0, 2.01, np.nan])).tolist() == [False, True, False]


def test_the_interval_of_the_profit_draws_users():
    decisions = moments([(f"u{n}", "i", 0) for n in range(200)])
    purchases = moments([(f"u{n}", "i", 5) for n in range(0, 200, 2)])
    bootstrap = UserBootstrap(decisions.user_id, 500, 1)
    found = Market(decisions, purchases, POLICY).act(np.ones(200), 0.5).estimate(bootstrap)
    assert found.value == pytest.approx(300)
    # Each drawn user brings 4 or -1 with equal chance: a standard deviation of 2.5 x sqrt(200).
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 2.5 * np.sqrt(200), rel=0.15)


def test_the_policy_comes_from_the_parameters():
    money = {"sale_value": 10.0, "action_cost": 0.5, "action_effect": 0.25, "horizon_days": 7}
    policy = Policy.of(**money, action_every_hours=0)
    assert (policy.every, policy.horizon, policy.lead) == (168 * HOUR, 168 * HOUR, 0)
    assert policy.terms()["action_every_hours"] == 168
    assert Policy.of(**money, action_every_hours=0.5, min_lead_minutes=60) == Policy(
        10.0, 0.5, 0.25, HOUR // 2, 168 * HOUR, HOUR
    )
