"""The figures of the report. Each takes numbers and returns a matplotlib Figure."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from willbuy.looks import BLACK, GREY, ORANGE, SKY, VERMILION
from willbuy.models.predictors import CEILING, DUMMY, LOGISTIC, RULE, XGBOOST

COLOURS = {DUMMY: GREY, RULE: ORANGE, LOGISTIC: SKY, XGBOOST: VERMILION, CEILING: BLACK}
LEAST_SHARE = 0.001  # of the decisions, where the lift begins: that of fewer is chance


def precision_recall(curves: Mapping[str, pd.DataFrame], base_rate: float) -> Figure:
    """Precision against recall, one line a predictor (`Ranking.curve`), and the base rate as a dotted line."""
    figure, axes = _axes("Recall: share of the positive decision points", "Precision: share of the found that buy")
    for model, points in curves.items():
        axes.step(points.recall, points.precision, where="pre", label=model, color=COLOURS.get(model))
    axes.axhline(base_rate, color=GREY, linestyle=":", label=f"base rate {base_rate:.2%}")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return _finished(figure, axes)


def gain_and_lift(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Left: positive decision points among the best-ranked share. Right: how much better than chance."""
    figure, (gain, lift) = plt.subplots(1, 2, figsize=(8.5, 3.8), layout="constrained")
    for model, points in curves.items():
        gain.plot(points.share, points.recall, label=model, color=COLOURS.get(model))
        lift.plot(*_lift(points), color=COLOURS.get(model))
    gain.set(xlabel="Share of decisions acted on", ylabel="Share of the positive decision points", xlim=(0, 1))
    lift.set(xlabel="Share of decisions acted on (log scale)", ylabel="Lift over chance", xscale="log")
    return _finished(figure, gain)


def _lift(points: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Shares of decisions, and how much better than chance each is.

    Among ties recall grows evenly with the share. On a log axis that is no straight line between the two ends: a
    straight one would lie above what any order of the ties finds.
    """
    shares = np.union1d(points.share[points.share >= LEAST_SHARE], np.geomspace(LEAST_SHARE, 1, 200))
    return shares, np.interp(shares, points.share, points.recall) / shares


def reliability(table: pd.DataFrame) -> Figure:
    """Observed against predicted, one point a bin with its 95% interval; the diagonal is perfect calibration."""
    figure, axes = _axes("Mean predicted probability", "Observed rate")
    for off, label, colour in ((False, "bins of equal size", COLOURS[XGBOOST]), (True, "misses the diagonal", BLACK)):
        bins = table[table.off == off]
        spread = np.abs(bins[["low", "high"]].sub(bins.observed, axis=0)).T
        if len(bins):
            axes.errorbar(bins.predicted, bins.observed, spread, fmt="o", color=colour, label=label)
    ends = [table.predicted.min(), table.predicted.max()]
    axes.plot(ends, ends, color=GREY, linestyle=":", label="perfectly calibrated")
    # A rare event's bins lie orders of magnitude apart; symlog shows them and keeps an observed 0.
    axes.set_xscale("symlog", linthresh=1e-4)
    axes.set_yscale("symlog", linthresh=1e-4)
    return _finished(figure, axes)


def profit(curves: Mapping[str, pd.DataFrame], threshold: float) -> Figure:
    """Profit by threshold (`money.curve`); the vertical line is the threshold that validation chose."""
    figure, axes = _axes("Act from this probability on (log scale)", "Profit, in the shop's currency")
    for model, points in curves.items():
        axes.plot(points.threshold, points.profit, label=model, color=COLOURS.get(model))
    axes.axvline(threshold, color=GREY, linestyle=":", label=f"chosen on validation: {threshold:.3f}")
    best = max(points.profit.max() for points in curves.values())
    axes.set(xscale="log", xlim=(threshold / 100, 1), ylim=(-0.5 * max(best, 1), 1.2 * max(best, 1)))
    return _finished(figure, axes)


def profit_by_effect(table: pd.DataFrame, assumed: float) -> Figure:
    """Profit of the same actions by the share of credited sales that they caused (`money.by_effect`)."""
    figure, axes = _axes("Share of the credited sales that the action caused", "Profit, in the shop's currency")
    axes.plot(table.effect, table.value, color=COLOURS[XGBOOST], label="acting from the threshold on")
    axes.fill_between(table.effect, table.low, table.high, color=COLOURS[XGBOOST], alpha=0.2, label="95% interval")
    axes.axhline(0, color=BLACK, linewidth=0.8)
    axes.axvline(assumed, color=GREY, linestyle=":", label=f"assumed: {assumed:.0%}")
    axes.set(xlim=(0, 1))
    return _finished(figure, axes)


def importance(table: pd.DataFrame, top: int = 20) -> Figure:
    """The `top` features by mean |contribution| to the log-odds on test rows, of trees also by share of gain."""
    figure, panes = plt.subplots(1, len(table.columns) - 1, figsize=(9.5, 0.24 * top + 1), layout="constrained")
    titles = {"gain": "Share of the gain in training", "contribution": "Mean |contribution| to the log-odds"}
    for pane, column in zip(np.atleast_1d(panes), table.columns[1:], strict=True):
        best = table.nlargest(top, column).iloc[::-1]
        pane.barh(best.feature, best[column], color=COLOURS[XGBOOST])
        pane.set_xlabel(titles[column])
        pane.tick_params(axis="y", labelsize=8)
    plt.close(figure)
    return figure


def by_origin(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """One pane a metric of `titles` (column → title), one line a model, with 95% intervals, by origin."""
    figure, panes = plt.subplots(-(-len(titles) // 2), 2, figsize=(10, 7), sharex=True, layout="constrained")
    models, times = list(dict.fromkeys(table.model)), list(dict.fromkeys(table.origin))
    for pane, (metric, title) in zip(panes.flat, titles.items(), strict=False):
        for n, model in enumerate(models):
            points = table[table.model == model]
            spread = np.abs(points[[f"{metric}_low", f"{metric}_high"]].sub(points[metric], axis=0)).T
            # A little apart, or the bars of one origin would cover each other.
            days = points.origin + pd.Timedelta(hours=12) * (n - len(models) / 2)
            style = {"fmt": "o-", "markersize": 4, "linewidth": 1, "color": COLOURS.get(model)}
            pane.errorbar(days, points[metric], spread, label=model, **style)
        pane.set_title(title, fontsize=10)
        pane.set_xticks(times, [f"{time:%Y-%m-%d}" for time in times])
    figure.autofmt_xdate()
    return _finished(figure, panes.flat[0])


def _axes(x: str, y: str):
    figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
    axes.set(xlabel=x, ylabel=y)
    return figure, axes


def _finished(figure: Figure, axes) -> Figure:
    for pane in figure.axes:
        if pane.get_xlim() == (0.0, 1.0):
            pane.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    # Above the panes, where it hides nothing.
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=3, frameon=False)
    # Shown once, as the cell's value, and not a second time by the notebook's own display of open figures.
    plt.close(figure)
    return figure
