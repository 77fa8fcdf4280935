"""One origin of the sample shop's backtest, computed again by other code."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import average_precision_score

from willbuy import schema
from willbuy.clock import MICROSECOND
from willbuy.evaluation.backtest import COLUMNS, predict_at
from willbuy.models.predictors import XGBOOST
from willbuy.origins import Origin, origins
from willbuy.scratch import scratch
from willbuy.splits import split_periods

pytestmark = pytest.mark.slow

HORIZON = timedelta(days=3)
VALUE, COST, EFFECT = 10.0, 0.5, 0.25


@pytest.fixture(scope="module")
def events(backtested):
    return pd.read_parquet(backtested.products / "events.parquet")


@pytest.fixture(scope="module")
def purchases(events):
    bought = events[events.event_type == "purchase"]
    return {pair: sorted(times) for pair, times in bought.groupby(["user_id", "item_id"]).timestamp}


@pytest.fixture(scope="module")
def predictions(backtested):
    return pd.read_parquet(backtested.products / "backtest/predictions.parquet")


@pytest.fixture(scope="module")
def table(backtested):
    return pd.read_parquet(backtested.products / "backtest/backtest.parquet")


@pytest.fixture(scope="module")
def periods(events) -> tuple[Origin, ...]:
    return origins(events.timestamp.min(), events.timestamp.max(), HORIZON.days, 2)


def part(predictions, origin, name):
    return predictions[(predictions.origin == origin) & (predictions.part == name)]


def sale_of(row, purchases):
    """The purchase that makes a decision point positive."""
    later = [t for t in purchases.get((row.user_id, row.item_id), ()) if row.timestamp < t <= row.timestamp + HORIZON]
    return (row.user_id, row.item_id, later[0]) if later else None


def worth(rows, probabilities, threshold, purchases):
    """Actions, credited sales and profit, one decision point at a time."""
    last, credited, actions = {}, set(), 0
    for row in rows[np.asarray(probabilities) >= threshold].sort_values("timestamp").itertuples():
        pair = row.user_id, row.item_id
        if pair not in last or row.timestamp - last[pair] >= HORIZON:
            last[pair], actions = row.timestamp, actions + 1
            reached = (t for t in purchases.get(pair, ()) if row.timestamp < t <= row.timestamp + HORIZON)
            credited |= {(*pair, t) for t in reached}
    return actions, len(credited), EFFECT * VALUE * len(credited) - COST * actions


def test_the_tables_keep_their_contract(backtested, table):
    assert schema.check(backtested.products / "backtest/predictions.parquet", schema.BACKTEST_PREDICTIONS) > 0
    assert table.groupby("origin").model.apply(list).tolist() == [list(COLUMNS)] * 2


@pytest.mark.parametrize("number", [0, 1])
def test_each_part_has_the_decision_points_of_its_period_with_true_labels(
    number, events, predictions, periods, purchases
):
    origin = periods[number]
    asked = events[events.event_type.isin(schema.DECISION_TYPES)]
    test = part(predictions, origin.time, "test")
    assert len(test) == asked.timestamp.between(origin.time, origin.test.end - HORIZON, inclusive="left").sum()
    held_out = part(predictions, origin.time, "calibration")
    assert held_out.timestamp.between(origin.validation.start, origin.time - HORIZON, inclusive="left").all()
    for rows in (test, held_out):
        assert rows.label.tolist() == [sale_of(row, purchases) is not None for row in rows.itertuples()]


@pytest.mark.parametrize("model", COLUMNS)
def test_the_figures_of_an_origin_come_out_of_other_code(model, predictions, table, purchases):
    origin = table.origin.max()
    row = table[(table.origin == origin) & (table.model == model)].iloc[0]
    test = part(predictions, origin, "test")
    p, sales = test[COLUMNS[model]], [sale_of(row, purchases) for row in test.itertuples()]
    assert (row.rows, row.positives, row.sales) == (len(test), test.label.sum(), len(set(sales) - {None}))
    assert row.pr_auc == pytest.approx(average_precision_score(test.label, p))
    assert (row.actions, row.credited_sales, row.profit) == worth(test, p, row.threshold, purchases)
    found = {sale for sale, chosen in zip(sales, p >= row.threshold, strict=True) if chosen} - {None}
    assert row["sales_found_at_threshold"] == pytest.approx(len(found) / row.sales)
    first = np.argsort(-p.to_numpy(), kind="stable")[: int(np.ceil(0.05 * len(test)))]
    found = {sales[n] for n in first} - {None}
    assert row["sales_found_at_5%"] == pytest.approx(len(found) / row.sales)


@pytest.mark.parametrize("model", COLUMNS)
def test_the_threshold_is_the_best_one_on_the_calibration_part(model, predictions, table, purchases):
    origin = table.origin.max()
    threshold = table[(table.origin == origin) & (table.model == model)].threshold.iloc[0]
    rows = part(predictions, origin, "calibration")
    p = rows[COLUMNS[model]]
    distinct = np.sort(p.unique())[::-1]
    tried = distinct[np.unique(np.geomspace(1, len(distinct), 400).astype(int) - 1)]
    profits = [worth(rows, p, each, purchases)[2] for each in tried]
    assert threshold == (tried[np.argmax(profits)] if max(profits) > 0 else 1.0)


def test_with_the_split_of_the_build_it_predicts_what_the_build_predicted(backtested, events, tmp_path):
    """The same rows cut out of one table, and the same way to train: the same model to the bit."""
    own = {**yaml.safe_load(backtested.path("env.yaml").read_text())}
    own |= yaml.safe_load(backtested.path("env.sample.yaml").read_text())
    shares = own["horizon_days"], own["train_share"], own["validation_share"]
    origin = Origin(*split_periods(events.timestamp.min(), events.timestamp.max(), *shares))
    names = ("num_boost_round", "early_stopping_rounds", "learning_rate", "max_depth", "min_child_weight")
    settings = {name: own[name] for name in (*names, "subsample", "colsample_bytree")}
    features = backtested.products / "backtest/features.parquet"
    with scratch(".backtest-", tmp_path) as folder:
        found = predict_at(origin, features, folder, horizon_days=HORIZON.days, seed=own["seed"], settings=settings)
    built = pd.read_parquet(backtested.products / "predictions.parquet")
    test = found[found.part == "test"].reset_index(drop=True)
    assert test.example_id.equals(built.example_id)
    assert test.label.equals(built.label)
    assert np.array_equal(test[COLUMNS[XGBOOST]], built.probability)
    assert np.array_equal(test.logistic_regression, built.baseline_probability)


def test_no_period_is_left_behind(backtested, periods):
    """What an origin needed is gone, and nothing is tested beyond the log."""
    left = {path.name for path in (backtested.products / "backtest").iterdir() if not path.name.endswith(".metadata")}
    assert left == {"features.parquet", "predictions.parquet", "backtest.parquet"}
    assert periods[-1].test.last_decision + HORIZON + MICROSECOND <= periods[-1].test.end
