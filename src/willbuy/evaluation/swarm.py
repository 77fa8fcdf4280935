"""Which way a feature moves the prediction: each row's contribution to the log-odds beside the feature's value."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from willbuy.looks import BLUE, GREY, PURPLE, VERMILION
from willbuy.models.encoding import Encoding

TOP = 12
ROWS = 1000  # of test, drawn at random: exact contributions of many trees cost milliseconds a row
ONE_WAY = 0.3  # the rank correlation from which a feature is said to have one direction
LOW_TO_HIGH = LinearSegmentedColormap.from_list("low to high", [BLUE, "#e9dfc7", VERMILION])
BINS = 80  # along the axis, in which points are heaped up


def directions(contributions: np.ndarray, matrix: np.ndarray, encoding: Encoding, top: int = TOP) -> pd.DataFrame:
    """The `top` features by mean |contribution|: feature, contribution (that mean), and direction from -1 to 1.

    The direction is Spearman's rank correlation of value and contribution over the rows where the value is known; NaN
    for a category, and where either is the same in every row.
    """
    strength = np.abs(contributions).mean(axis=0)
    best = np.argsort(-strength, kind="stable")[:top]
    names = [encoding.names[j] for j in best]
    found = [
        np.nan if name in encoding.levels else _rank_correlation(matrix[:, j], contributions[:, j])
        for name, j in zip(names, best, strict=True)
    ]
    return pd.DataFrame({"feature": names, "contribution": strength[best], "direction": found})


def _rank_correlation(values: np.ndarray, contributions: np.ndarray) -> float:
    rows = pd.DataFrame({"value": values, "contribution": contributions}).dropna()
    return float(rows.rank().corr().iloc[0, 1]) if (rows.nunique() > 1).all() else np.nan


def beeswarm(contributions: np.ndarray, matrix: np.ndarray, encoding: Encoding, top: int = TOP) -> Figure:
    """A line of points for each of the `top` features, a point a row: its contribution, coloured by the value's rank.

    Grey is an unknown value; purple a category, whose values have no order.
    """
    names = directions(contributions, matrix, encoding, top).feature
    figure, axes = plt.subplots(figsize=(8.5, 0.42 * len(names) + 1.2), layout="constrained")
    for line, name in enumerate(names):
        j = encoding.names.index(name)
        _swarm(axes, line, contributions[:, j], matrix[:, j], name in encoding.levels)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel="contribution to the log-odds of a purchase")
    _legend(figure, axes)
    plt.close(figure)
    return figure


def _swarm(axes: Axes, line: int, contributions: np.ndarray, values: np.ndarray, category: bool) -> None:
    known = ~np.isnan(values)
    rank = _from_0_to_1(pd.Series(values[known]).rank())
    height = line + _heaped(contributions)
    axes.scatter(contributions[~known], height[~known], 5, color=GREY, linewidths=0)
    colour = {"color": PURPLE} if category else {"c": rank, "cmap": LOW_TO_HIGH, "vmin": 0, "vmax": 1}
    axes.scatter(contributions[known], height[known], 5, linewidths=0, **colour)


def _from_0_to_1(rank: pd.Series) -> pd.Series:
    # Ties share a mean rank; the lowest value is to be as blue as any lowest value.
    return (rank - rank.min()) / max(rank.max() - rank.min(), 1)


def _heaped(places: np.ndarray) -> np.ndarray:
    """How far from its line each point lies, so that points at one place form a heap; at most 0.4."""
    bins = np.digitize(places, np.linspace(places.min(), places.max(), BINS))
    rows = pd.Series(bins).groupby(bins)
    place, size = rows.cumcount().to_numpy(), rows.transform("size").to_numpy()
    return 0.8 * (place + 0.5 - size / 2) / max(size.max(), 40)


def _legend(figure: Figure, axes: Axes) -> None:
    marks = {"low value": BLUE, "high value": VERMILION, "unknown": GREY, "category": PURPLE}
    points = [axes.scatter([], [], 20, color=colour, label=name) for name, colour in marks.items()]
    figure.legend(points, list(marks), loc="outside upper left", ncols=4, frameon=False)


def verdict(found: pd.DataFrame) -> str:
    """Which of `directions` raise the probability with their value, which lower it, and which do both."""
    up, down = found.direction >= ONE_WAY, found.direction <= -ONE_WAY
    groups = {"It rises with": up, "It falls with": down, "It goes both ways with": ~up & ~down}
    said = [f"{words} {_named(found.feature[rows])}." for words, rows in groups.items() if rows.any()]
    return f"These {len(found)} features move the probability most. {' '.join(said)}"


def _named(features: pd.Series) -> str:
    return ", ".join(f"`{name}`" for name in features)
