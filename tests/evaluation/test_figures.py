import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from willbuy.evaluation import figures
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.metrics import Ranking
from willbuy.evaluation.reliability import reliability
from willbuy.models.predictors import LOGISTIC, RULE, XGBOOST


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    probabilities = rng.beta(1, 30, 500)
    return (rng.random(500) < probabilities).astype(int), probabilities


@pytest.fixture(scope="module")
def curves(sample):
    return {XGBOOST: Ranking(*sample).curve(), LOGISTIC: Ranking(sample[0], sample[1][::-1]).curve()}


def legend(axes):
    return [text.get_text() for text in axes.figure.legends[0].get_texts()]


def test_precision_recall_draws_each_predictor_and_the_base_rate(curves):
    axes = figures.precision_recall(curves, 0.03).axes[0]
    assert legend(axes) == [XGBOOST, LOGISTIC, "base rate 3.00%"]
    assert axes.lines[0].get_ydata() == pytest.approx(curves[XGBOOST].precision)


def test_gain_and_lift_draw_the_same_points_two_ways(curves):
    gain, lift = figures.gain_and_lift(curves).axes
    assert gain.lines[0].get_ydata() == pytest.approx(curves[XGBOOST].recall)
    assert lift.lines[0].get_ydata()[-1] == pytest.approx(1)


def test_the_lift_of_ties_is_what_a_random_order_of_them_finds():
    """A rule of two values: its line stays on what acting in a random order within each value would find."""
    rng = np.random.default_rng(1)
    labels, rule = rng.random(4000) < 0.02, (rng.random(4000) < 0.1).astype(float)
    labels |= (rule > 0) & (rng.random(4000) < 0.3)
    lift = figures.gain_and_lift({RULE: Ranking(labels.astype(int), rule).curve()}).axes[1].lines[0]
    orders = [labels[np.lexsort([rng.random(4000), -rule])].cumsum() / labels.sum() for _ in range(400)]
    found = np.interp(lift.get_xdata() * 4000, np.arange(1, 4001), np.mean(orders, axis=0))
    late = lift.get_xdata() > 0.02
    assert (lift.get_ydata() * lift.get_xdata())[late] == pytest.approx(found[late], rel=0.02)


def test_no_legend_lies_on_a_pane(curves):
    figure = figures.gain_and_lift(curves)
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert not any(box.overlaps(pane.get_window_extent()) for pane in figure.axes)


def test_reliability_draws_each_bin(sample):
    table = reliability(*sample, UserBootstrap(np.arange(500), 20, seed=0)).assign(off=np.arange(15) % 3 == 0)
    figure = figures.reliability(table)
    good, off = (container.lines[0] for container in figure.axes[0].containers)
    assert good.get_ydata() == pytest.approx(table.observed[~table.off])
    assert off.get_ydata() == pytest.approx(table.observed[table.off])
    assert off.get_color() != good.get_color()
    assert "misses the diagonal" in legend(figure.axes[0])


def test_profit_marks_the_threshold():
    curve = pd.DataFrame({"threshold": [0.9, 0.1], "profit": [5.0, -2.0]})
    axes = figures.profit({XGBOOST: curve}, 0.1).axes[0]
    assert legend(axes) == [XGBOOST, "chosen on validation: 0.100"]
    assert axes.lines[0].get_ydata().tolist() == [5, -2]


def test_profit_by_effect_marks_what_is_assumed():
    table = pd.DataFrame({"effect": [0, 1], "value": [-1.0, 3.0], "low": [-2.0, 1.0], "high": [0.0, 5.0]})
    axes = figures.profit_by_effect(table, 0.25).axes[0]
    assert axes.lines[0].get_ydata().tolist() == [-1, 3]
    assert "assumed: 25%" in legend(axes)


def test_importance_shows_the_largest_of_each_kind():
    table = pd.DataFrame({"feature": list("abc"), "gain": [0.1, 0.2, 0.7], "contribution": [3.0, 2.0, 1.0]})
    gain, contribution = figures.importance(table, top=2).axes
    assert [t.get_text() for t in gain.get_yticklabels()] == ["b", "c"]
    assert [t.get_text() for t in contribution.get_yticklabels()] == ["b", "a"]


def test_no_figure_stays_open(curves):
    figures.gain_and_lift(curves)
    figures.importance(pd.DataFrame({"feature": ["a"], "gain": [1.0], "contribution": [1.0]}))
    assert plt.get_fignums() == []


def test_a_backtest_is_drawn_by_origin_with_a_line_a_model():
    times = pd.to_datetime(["2024-01-01", "2024-01-08"], utc=True)
    rows = [(time, model, 0.5, 0.4, 0.7) for time in times for model in (LOGISTIC, XGBOOST)]
    table = pd.DataFrame(rows, columns=["origin", "model", "pr_auc", "pr_auc_low", "pr_auc_high"])
    figure = figures.by_origin(table.assign(x=1, x_low=0, x_high=2), {"pr_auc": "PR-AUC", "x": "X"})
    left, right = figure.axes
    assert [axes.get_title() for axes in (left, right)] == ["PR-AUC", "X"]
    assert left.containers[0].lines[0].get_ydata().tolist() == [0.5, 0.5]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [LOGISTIC, XGBOOST]
