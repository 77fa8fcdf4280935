"""How the values of features differ between decision points that were followed by a purchase and the others."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from willbuy.database import query
from willbuy.looks import GREY, VERMILION

ROWS = 20_000  # of each label, about: enough for a picture
COLOURS = {0: GREY, 1: VERMILION}
NAMES = {0: "not followed by a purchase", 1: "followed by a purchase"}
SHOWN, A_FAMILY, MOST_UNKNOWN = 6, 2, 0.9
FEW_VALUES = 8  # up to so many bins each has its tick
BINS = 25


def varied(gap: pd.Series, family: pd.Series, unknown: pd.Series) -> list[str]:
    """The SHOWN features that differ most (`features.gap_before_purchase`), at most A_FAMILY of each family.

    `family` has the family of each feature; those whose share of `unknown` values is above MOST_UNKNOWN are left out:
    they differ at a few decision points only.
    """
    often = gap.drop(unknown.index[unknown > MOST_UNKNOWN], errors="ignore")
    names = often.abs().sort_values(ascending=False, kind="stable").index
    return list(names[family[names].groupby(family[names]).cumcount() < A_FAMILY][:SHOWN])


def values(features: Path, names: Sequence[str]) -> pd.DataFrame:
    """The label and the features `names` of about ROWS decision points of each label, the same ones every time."""
    sql = f"""
    WITH counts AS (SELECT label, greatest(count(*) // {ROWS}, 1) AS one_in FROM read_parquet($features) GROUP BY label)
    SELECT label, {", ".join(names)} FROM read_parquet($features) JOIN counts USING (label)
    WHERE hash(example_id) % one_in = 0
    """
    return query(sql, features=features)


def figure(drawn: pd.DataFrame) -> Figure:
    """A pane a feature of `values`: the shares of its known values in the bins, for each label.

    The title says how many values are unknown before a purchase / otherwise."""
    names = [name for name in drawn if name != "label"]
    picture, panes = plt.subplots(-(-len(names) // 2), 2, figsize=(9, 2.3 * -(-len(names) // 2)), layout="constrained")
    for pane, name in zip(panes.flat, names, strict=False):
        _pane(pane, drawn[name], drawn.label)
    for pane in panes.flat[len(names) :]:
        pane.set_axis_off()
    picture.legend(*panes.flat[0].get_legend_handles_labels(), loc="outside upper left", ncols=2, frameon=False)
    plt.close(picture)
    return picture


def _pane(axes: Axes, column: pd.Series, label: pd.Series) -> None:
    edges = bins(column.dropna().to_numpy(np.float64))
    for kind, colour in COLOURS.items():
        known = column[label == kind].dropna().to_numpy(np.float64)
        share = np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0] / max(len(known), 1)
        filled = kind == 0  # the usual case as a ground, the rare one as a line before it
        alpha = 0.5 if filled else 1.0
        axes.stairs(share, edges, fill=filled, alpha=alpha, linewidth=1.4, color=colour, label=NAMES[kind])
    if len(edges) <= FEW_VALUES + 1:
        axes.set_xticks((edges[1:] + edges[:-1]) / 2)
    unknown = [column[label == kind].isna().mean() for kind in (1, 0)]
    words = f" (unknown: {unknown[0]:.0%} / {unknown[1]:.0%})" if any(unknown) else ""
    axes.set_title(f"{column.name}{words}", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def bins(known: np.ndarray) -> np.ndarray:
    """The edges of the bins for some known values: whole numbers lie in the middle of theirs, few have one each.

    The outer hundredth on either side counts to the outermost bin, or one extreme value would make the picture empty.
    """
    low, high = np.quantile(known, [0.01, 0.99]) if len(known) else (0.0, 0.0)
    if (known == np.round(known)).all():
        step = max(np.ceil((high - low + 1) / BINS), 1)
        return np.arange(np.floor(low), np.ceil(high) + step + 1, step) - 0.5
    return np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
