import numpy as np
import pytest

from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.metrics import METRICS
from willbuy.models.predictors import CEILING, DUMMY, LOGISTIC, XGBOOST


def shop(rows=3000, seed=0):
    """Labels drawn from a known truth, and three predictors that know none, some and more of it."""
    rng = np.random.default_rng(seed)
    plain, subtle = rng.normal(size=(2, rows))
    truth = 1 / (1 + np.exp(3 - plain - subtle))
    labels = (rng.random(rows) < truth).astype(int)
    predictions = {
        DUMMY: np.full(rows, truth.mean()),
        LOGISTIC: 1 / (1 + np.exp(2.7 - plain)),
        XGBOOST: 1 / (1 + np.exp(2.9 - plain - 0.8 * subtle)),
        CEILING: truth,
    }
    return labels, predictions, UserBootstrap(rng.integers(0, 300, rows), 100, seed=0)


@pytest.fixture(scope="module")
def compared():
    return compare(*shop())


def test_the_predictors_come_out_in_the_order_of_what_they_know(compared):
    losses = [compared.values[m]["log_loss"] for m in (DUMMY, LOGISTIC, XGBOOST, CEILING)]
    assert losses == sorted(losses, reverse=True)
    assert compared.difference(XGBOOST, LOGISTIC, "pr_auc").low > 0


def test_a_paired_difference_is_sharper_than_the_two_intervals(compared):
    paired = compared.difference(XGBOOST, LOGISTIC, "log_loss")
    apart = [compared.estimate(m, "log_loss") for m in (XGBOOST, LOGISTIC)]
    assert paired.high - paired.low < 0.8 * sum(e.high - e.low for e in apart)


def test_nothing_differs_from_itself(compared):
    nothing = {"value": 0, "low": 0, "high": 0}
    assert compared.differences(XGBOOST, XGBOOST) == dict.fromkeys(METRICS, nothing)


def test_differences_are_model_minus_other(compared):
    found = compared.differences(XGBOOST, LOGISTIC)["brier"]["value"]
    assert found == compared.values[XGBOOST]["brier"] - compared.values[LOGISTIC]["brier"] != 0


def test_the_share_of_the_ceiling_runs_from_the_dummy_to_the_truth(compared):
    assert compared.share_of_ceiling(DUMMY).value == 0
    assert compared.share_of_ceiling(CEILING).value == 1
    share = compared.share_of_ceiling(XGBOOST)
    assert compared.share_of_ceiling(LOGISTIC).value < share.low < share.value < share.high


def test_who_knows_the_answers_is_said_to_beat_the_ceiling():
    labels, predictions, bootstrap = shop()
    leaked = {**predictions, XGBOOST: 0.7 * predictions[CEILING] + 0.3 * labels}
    assert compare(labels, predictions, bootstrap).beats_ceiling() == []
    assert compare(labels, leaked, bootstrap).beats_ceiling() == [XGBOOST]


def test_without_a_truth_nobody_can_beat_it_or_have_a_share_of_it():
    labels, predictions, _ = shop(rows=300)
    del predictions[CEILING]
    compared = compare(labels, predictions, UserBootstrap(np.arange(300), 10, seed=0))
    assert compared.beats_ceiling() == [] and compared.share_of_ceiling(XGBOOST) is None


def test_the_table_shows_every_metric_with_its_interval(compared):
    table = compared.table()
    assert list(table.columns) == [DUMMY, LOGISTIC, XGBOOST, CEILING]
    assert list(table.index) == list(METRICS)
    assert table.loc["pr_auc", XGBOOST] == str(compared.estimate(XGBOOST, "pr_auc"))
    assert compared.as_dict()[DUMMY]["roc_auc"] == {"value": 0.5, "low": 0.5, "high": 0.5}
