"""How long a visit is, in minutes and in events, by what came of it."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from willbuy.looks import BLUE, GREY, VERMILION

# From each of these on, up to the next.
MINUTES = (0, 1, 2, 5, 10, 20, 30, 60, 120)
EVENTS = (1, 2, 3, 5, 9, 17, 33, 65)
COLOURS = {"something bought": VERMILION, "put into the cart, not bought": BLUE, "neither": GREY}


def lengths(every: pd.DataFrame, column: str, edges: tuple[int, ...]) -> pd.DataFrame:
    """The share of sessions by their `column` (rows: from each of `edges` on) within each outcome (columns).

    `every` has a row a session (`sessions.shape`). Each column sums to 1; an outcome without sessions has none.
    """
    outcome = np.select([every.bought, every.carted], list(COLOURS)[:2], list(COLOURS)[2])
    bins = pd.cut(every[column], [*edges, np.inf], right=False, labels=_labels(edges))
    found = pd.crosstab(bins, outcome, normalize="columns").reindex(list(_labels(edges)), fill_value=0)
    return found[[name for name in COLOURS if name in found]]


def _labels(edges: tuple[int, ...]) -> list[str]:
    whole = edges[0] > 0  # events are counted: from 3 to 4, not from 3 to below 5
    pairs = pairwise(edges)
    return [*(_label(low, high - 1 if whole else high) for low, high in pairs), f"{edges[-1]}+"]


def _label(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def figure(every: pd.DataFrame) -> Figure:
    """Both `lengths` side by side, a line an outcome."""
    drawn, panes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
    for pane, (column, edges) in zip(panes, {"minutes": MINUTES, "events": EVENTS}.items(), strict=True):
        for outcome, shares in lengths(every, column, edges).items():
            pane.plot(shares.index, shares, "o-", markersize=4, color=COLOURS[outcome], label=outcome)
        pane.set(xlabel=f"{column} from the first to the last event" if column == "minutes" else "events")
        pane.tick_params(axis="x", labelsize=8)
    panes[0].set(ylabel="share of such sessions", ylim=(0, None))
    panes[0].yaxis.set_major_formatter(PercentFormatter(1))
    drawn.legend(*panes[0].get_legend_handles_labels(), loc="outside upper left", ncols=3, frameon=False)
    plt.close(drawn)
    return drawn
