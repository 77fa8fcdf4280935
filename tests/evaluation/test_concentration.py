import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from willbuy.evaluation import concentration
from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.models.predictors import XGBOOST

ROWS = 3000


@pytest.fixture(scope="module")
def made():
    """Decision points of 200 users; the user `u0` has a third of the positives, all of them easy."""
    rng = np.random.default_rng(7)
    user = np.where(rng.random(ROWS) < 0.05, 0, rng.integers(1, 200, ROWS))
    label = (rng.random(ROWS) < np.where(user == 0, 0.5, 0.05)).astype(int)
    probability = np.clip(0.1 + 0.2 * label + 0.3 * (user == 0) * label + 0.1 * rng.standard_normal(ROWS), 0, 1)
    time = pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 5 * 86400, ROWS), unit="s")
    item = [f"i{n}" for n in rng.integers(0, 3, ROWS)]
    frame = pd.DataFrame({"user_id": [f"u{n}" for n in user], "item_id": item, "timestamp": time, "label": label})
    return frame, probability, UserBootstrap(frame.user_id, 30, 1)


@pytest.fixture(scope="module")
def measured(made):
    frame, probability, bootstrap = made
    per_row = compare(frame.label.to_numpy(), {XGBOOST: probability}, bootstrap).estimate(XGBOOST, "pr_auc")
    return concentration.measure(frame, probability, per_row, bootstrap)


def test_buyers_weigh_by_their_positives(made, measured):
    by_user = made[0].groupby("user_id").label.sum()
    assert measured["buyers"] == (by_user > 0).sum()
    assert measured["effective_buyers"] == pytest.approx(by_user.sum() ** 2 / (by_user**2).sum())
    assert measured["top_user_share"] == pytest.approx(by_user.u0 / by_user.sum())


def test_without_the_top_user_nothing_of_theirs_is_left(made, measured):
    frame, probability, _ = made
    others = (frame.user_id != "u0").to_numpy()
    found = measured["pr_auc_without_top_user"]
    assert found.value == pytest.approx(average_precision_score(frame.label[others], probability[others]))
    assert found.low < found.value < found.high
    assert found.value < measured["pr_auc"].value


def test_a_user_item_and_day_counts_once(made, measured):
    frame, probability, _ = made
    rows = frame.assign(p=probability, day=frame.timestamp.dt.strftime("%F"))
    once = rows.groupby(["user_id", "item_id", "day"]).agg(y=("label", "max"), p=("p", "max"))
    assert len(once) < len(rows)
    assert measured["pr_auc_user_item_day"].value == pytest.approx(average_precision_score(once.y, once.p))


def test_equal_buyers_count_each():
    frame = pd.DataFrame({"user_id": list("abcd"), "item_id": "x", "label": [1, 1, 1, 0]})
    frame["timestamp"] = pd.Timestamp("2024-03-01", tz="UTC")
    probability, bootstrap = np.array([0.4, 0.3, 0.2, 0.1]), UserBootstrap(frame.user_id, 10, 1)
    per_row = compare(frame.label.to_numpy(), {XGBOOST: probability}, bootstrap).estimate(XGBOOST, "pr_auc")
    assert concentration.measure(frame, probability, per_row, bootstrap)["effective_buyers"] == 3


def test_the_table_and_the_verdict_say_what_was_measured(measured):
    assert concentration.table(measured)["PR-AUC"].tolist()[0] == str(measured["pr_auc"])
    said = concentration.verdict(measured)
    assert f"{measured['top_user_share']:.1%}" in said and "few people decide" in said
    many = measured | {"effective_buyers": 500.0, "top_user_share": 0.01}
    assert "few people" not in concentration.verdict(many)


def test_a_single_buyer_is_said_so(measured):
    alone = measured | {"pr_auc_without_top_user": type(measured["pr_auc"])(np.nan, np.nan, np.nan)}
    assert "there is no other" in concentration.verdict(alone)
