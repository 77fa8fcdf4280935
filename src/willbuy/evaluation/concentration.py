"""How few people decide the figure: buyers weigh by their positive decision points, and some have very many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import Estimate, UserBootstrap
from willbuy.models.predictors import XGBOOST
from willbuy.numbers import number

# Below so many effective buyers, or above such a share, one person more or less moves the figure.
FEW_BUYERS, LARGE_SHARE = 100, 0.05


def measure(
    decisions: pd.DataFrame, probabilities: np.ndarray, pr_auc: Estimate, bootstrap: UserBootstrap
) -> dict[str, Any]:
    """What `metrics.json` has as `concentration`, of decision points with user_id, item_id, timestamp and label.

    `effective_buyers` is the number of equal buyers whose positives would be spread as unevenly: (sum)² / sum of
    squares. `pr_auc` is that of all rows, already measured; `pr_auc_user_item_day` counts a user, item and UTC day
    once, with the highest probability of the day and whether any of its rows is positive; `pr_auc_without_top_user`
    leaves out the user with the most positives (of equal ones, the first).
    """
    positives = np.bincount(bootstrap.codes, decisions.label, bootstrap.counts.shape[1])
    others = bootstrap.codes != positives.argmax()
    return {
        "buyers": int((positives > 0).sum()),
        "effective_buyers": float(positives.sum() ** 2 / (positives**2).sum()) if positives.any() else 0.0,
        "top_user_share": float(positives.max() / positives.sum()) if positives.any() else np.nan,
        "pr_auc": pr_auc,
        "pr_auc_user_item_day": _by_day(decisions, probabilities, bootstrap),
        "pr_auc_without_top_user": _pr_auc(
            decisions.label.to_numpy()[others], probabilities[others], bootstrap.of(others)
        ),
    }


def _by_day(decisions: pd.DataFrame, probabilities: np.ndarray, bootstrap: UserBootstrap) -> Estimate:
    day = decisions.timestamp.dt.floor("D")
    item = pd.factorize(decisions.item_id)[0]
    rows = pd.DataFrame({"user": bootstrap.codes, "item": item, "day": day, "p": probabilities})
    once = rows.assign(label=decisions.label.to_numpy(), row=np.arange(len(rows)))
    found = once.groupby(["user", "item", "day"], sort=False).agg(
        p=("p", "max"), y=("label", "max"), row=("row", "first")
    )
    return _pr_auc(found.y.to_numpy(), found.p.to_numpy(), bootstrap.of(found.row.to_numpy()))


def _pr_auc(labels: np.ndarray, probabilities: np.ndarray, bootstrap: UserBootstrap) -> Estimate:
    return compare(labels, {XGBOOST: probabilities}, bootstrap).estimate(XGBOOST, "pr_auc")


def table(measured: Mapping[str, Any]) -> pd.DataFrame:
    """The three PR-AUCs of `measure`, each with its interval."""
    names = {
        "every decision point": "pr_auc",
        "a user, item and day once": "pr_auc_user_item_day",
        "without the user with the most positives": "pr_auc_without_top_user",
    }
    return pd.DataFrame({"PR-AUC": {name: str(measured[key]) for name, key in names.items()}})


def few(measured: Mapping[str, Any]) -> bool:
    """True where so few people decide the figure that it says as much about them as about the model."""
    return measured["effective_buyers"] < FEW_BUYERS or measured["top_user_share"] > LARGE_SHARE


def verdict(measured: Mapping[str, Any]) -> str:
    """How many buyers there are, how many they count for, and what the largest of them does to PR-AUC."""
    change = measured["pr_auc_without_top_user"].value - measured["pr_auc"].value
    without = f"without that one PR-AUC changes by {change:+.3f}" if np.isfinite(change) else "there is no other"
    return (
        f"The positives belong to {measured['buyers']:,} buyers, who weigh like "
        f"**{number(measured['effective_buyers'])} equal ones**. The one with the most holds "
        f"{measured['top_user_share']:.1%} of them; {without}"
        + (": **few people decide this figure**." if few(measured) else ".")
    )
