"""What acting on the probability earns in a market, by threshold and by the effect that acting is assumed to have."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import Estimate, UserBootstrap
from willbuy.evaluation.market import Market, Outcome

NOBODY = 1.0  # the threshold that acts on nobody: no probability reaches it
CANDIDATES = 400  # thresholds that are tried


def advice(threshold: float, effect: float) -> str:
    """From where on to act, as a sentence."""
    where = "nowhere: **act on nobody**" if threshold >= NOBODY else f"from a probability of **{threshold:.3f}** on"
    return f"Acting pays {where}, if {effect:.0%} of the sales after an action would not have come by themselves."


def summary(
    market: Market,
    probabilities: np.ndarray,
    threshold: float,
    by_rule: np.ndarray,
    prices: np.ndarray,
    bootstrap: UserBootstrap,
) -> dict[str, float | Estimate]:
    """`profit` of acting from `threshold` on, beside `act_on_all` and `rule` (Estimates), and what lies behind it.

    `by_rule` is true where the rule (`willbuy.models.baseline`) expects a purchase. Where the policy counts prices,
    `by_value` acts on whatever pays by its expected value, of decision points with `prices` (NaN: unknown). Acting on
    nobody earns 0.
    """
    policy, chosen = market.policy, market.act(probabilities, threshold)
    ways = {"act_on_all": np.ones(len(by_rule)), "rule": by_rule}
    if not policy.sale_value:
        ways["by_value"] = policy.pays(probabilities * prices)
    return {
        "profit": chosen.estimate(bootstrap),
        **{name: market.act(acted.astype(float), 1.0).estimate(bootstrap) for name, acted in ways.items()},
        "threshold": threshold,
        "actions": len(chosen.acted_on),
        "users_acted_on": chosen.users,
        "credited_sales": len(chosen.credited),
        "credited_value": chosen.brought,
        "break_even_effect": chosen.break_even,
        **policy.terms(),
    }


def verdict(worth: Mapping[str, Any]) -> str:
    """The `summary` in two sentences."""
    effect = f"if {worth['action_effect']:.0%} of the credited sales would not have come by themselves"
    if not worth["actions"]:
        return f"No threshold paid on validation, {effect}: nobody is acted on, and that earns 0."
    earned, pays = worth["profit"], worth["break_even_effect"]
    sure = "" if earned.excludes(0) else ", which may as well be a loss"
    return (
        f"From {worth['threshold']:.3f} on, {worth['actions']:,} actions on {worth['users_acted_on']:,} users are "
        f"followed by {worth['credited_sales']:,} sales and earn **{earned:,.0f}**"
        f"{sure}, {effect}. "
        + (f"These actions pay from a share of **{pays:.0%}** on." if pays <= 1 else "They pay at no share.")
    )


def by_effect(outcome: Outcome, bootstrap: UserBootstrap) -> pd.DataFrame:
    """The same actions' profit, with its interval over users, if the effect were 0, 0.05, … 1."""
    effects = np.linspace(0, 1, 21)
    rows = [vars(outcome.estimate(bootstrap, effect)) for effect in effects]
    return pd.DataFrame(rows).assign(effect=effects)


def candidates(probabilities: np.ndarray) -> np.ndarray:
    """At most CANDIDATES of the probabilities, falling, closer together near the top: thresholds worth trying."""
    distinct = np.unique(probabilities)[::-1]
    return distinct[np.unique(np.geomspace(1, len(distinct), CANDIDATES).astype(np.int64) - 1)]


def curve(market: Market, probabilities: np.ndarray, thresholds: Sequence[float] | None = None) -> pd.DataFrame:
    """For each threshold: profit, actions, credited sales and users acted on."""
    tried = candidates(probabilities) if thresholds is None else thresholds
    found = [market.act(probabilities, float(threshold)) for threshold in tried]
    rows = [(o.profit, len(o.acted_on), len(o.credited), o.users) for o in found]
    columns = ["profit", "actions", "credited_sales", "users_acted_on"]
    return pd.DataFrame(rows, columns=columns).assign(threshold=tried)


def best_threshold(curve: pd.DataFrame) -> float:
    """The threshold of the highest profit on a `curve`, the highest one of equals; NOBODY if none earns anything."""
    best = curve.loc[curve.profit.idxmax()]
    return float(best.threshold) if best.profit > 0 else NOBODY
