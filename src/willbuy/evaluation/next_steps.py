"""What to do next: advice that follows from what was found, the most urgent first. No advice is an empty text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from willbuy.evaluation import concentration, drift
from willbuy.evaluation.comparison import Comparison
from willbuy.evaluation.intervals import Estimate
from willbuy.models.predictors import LOGISTIC, RULE
from willbuy.numbers import number
from willbuy.profile.short import BACKTEST

LATE = 0.25  # below this share of early sales most are known only when they are about to happen
RELIED_ON = 12  # features by contribution: a change of the others hardly moves the probability
Z = 1.96 + 0.84  # an experiment that errs in 5% of the cases and finds the effect in four of five


def listed(*advice: str) -> str:
    """The advice as a numbered list in Markdown; what to do where there is none."""
    given = [text for text in advice if text] or ["**Serve it**: `make serve`. Nothing on this page speaks against it."]
    return "\n".join(f"{n}. {text}" for n, text in enumerate(given, 1))


def judge_longer(little: str) -> str:
    """Where test is too short to settle anything: `little` is what `short.warning` says."""
    return (
        little and f"**Judge at several times.** Test is too short to settle anything. Run the backtest: `{BACKTEST}`."
    )


def prefer_simpler(compared: Comparison, served: str) -> str:
    """Where the PR-AUC of `served` is not above the rule's or logistic regression's beyond chance."""
    gains = {other: compared.difference(served, other, "pr_auc") for other in (RULE, LOGISTIC) if other != served}
    equal = [f"{other} (by {gain})" for other, gain in gains.items() if not gain.low > 0]
    if not equal:
        return ""
    return (
        f"**Ask whether {served} is needed.** Its PR-AUC is not clearly above that of {' and '.join(equal)}. What is "
        f"simpler is easier to explain; the backtest (`{BACKTEST}`) says what to serve."
    )


def build_again(predicted: float, observed: Estimate) -> str:
    """Where the mean probability lies outside the interval of the rate that came true."""
    if not observed.excludes(predicted):
        return ""
    way = "high" if predicted > observed.value else "low"
    return (
        f"**Build again on a newer log.** The champion expects {predicted:.2%}, and {observed:.2%} came true: its "
        f"probabilities are too {way} by now. Until then act on the best-ranked share, not from a probability on."
    )


def mind_the_money(worth: Mapping[str, Any]) -> str:
    """Where acting from the threshold on does not pay for sure, or the rule earned more (`money.summary`)."""
    earned, rule = worth["profit"], worth["rule"]
    if not worth["actions"]:
        return "**Do not act yet.** No threshold paid on validation: look for an action that costs less or does more."
    if rule.value > earned.value:
        return f"**Act by the rule.** It earned more on test than the threshold: {rule:,.0f} against {earned:,.0f}."
    if earned.low > 0:
        return ""
    return f"**Act on few.** The threshold may as well lose money ({earned:,.0f}): begin with the best-ranked 1%."


def experiment(worth: Mapping[str, Any]) -> str:
    """How many cases tell the assumed effect from none; nothing where nobody is acted on (`money.summary`)."""
    effect, actions = worth["action_effect"], worth["actions"]
    if not effect or not worth["credited_sales"]:
        return ""
    acted = min(worth["credited_sales"] / actions, 0.99)
    alone = acted * (1 - effect)
    half = Z**2 * (acted * (1 - acted) + alone * (1 - alone)) / (acted - alone) ** 2
    return (
        f"**Measure `action_effect`.** {effect:.0%} is assumed. Act on a random half of those at the threshold and "
        f"compare the sales: about {_thousands(2 * half)} cases tell it from no effect; test had {actions:,}."
    )


def _thousands(cases: float) -> str:
    magnitude = 10 ** max(int(np.log10(cases)) - 1, 0)
    return f"{int(np.ceil(cases / magnitude)) * magnitude:,}"


def know_the_buyers(crowd: Mapping[str, Any]) -> str:
    """Where few people decide the figures (`concentration.measure`)."""
    if not concentration.few(crowd):
        return ""
    return (
        f"**Know the largest buyers.** The positives weigh like {number(crowd['effective_buyers'], 2)} equal buyers, "
        f"and one holds {crowd['top_user_share']:.1%} of them: see who that is. Robots are left out with "
        "`exclude_robots: true`; more visitors or a longer log spread the rest."
    )


def train_often(changed: pd.DataFrame, importance: pd.DataFrame) -> str:
    """Where features that move the probability changed much between train and test (`drift.measure`)."""
    relied_on = set(importance.nlargest(RELIED_ON, "contribution").feature)
    moved = [f"`{f}`" for f in changed.feature[changed.psi >= drift.MUCH] if f in relied_on]
    if not moved:
        return ""
    return (
        f"**Train often.** Much changed since train, and the probability depends on it: {', '.join(moved)}. Build "
        "again on a schedule; what only grows with the log settles with a longer one."
    )


def act_earlier(early: Estimate, min_lead_minutes: float) -> str:
    """Where most sales are known only when they are about to happen, and the label counts those too."""
    if early.value >= LATE or min_lead_minutes >= 60:
        return ""
    return (
        f"**To act earlier, ask for it.** Only {early.value:.0%} of the sales were seen an hour before. With "
        "`min_lead_minutes: 60` the model learns the purchases that can still be acted on."
    )
