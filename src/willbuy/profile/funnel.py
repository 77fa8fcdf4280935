"""How far visits and visitors get: looked, put something into the cart, bought something."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from willbuy.database import query
from willbuy.looks import BLUE, SKY
from willbuy.schema import CART, PURCHASE, VIEW

STEPS = {VIEW: "looked at something", CART: "put something into the cart", PURCHASE: "bought something"}


def funnel(sessions: Path) -> pd.DataFrame:
    """For each of STEPS the `sessions` and the `visitors` with such an event, and their shares of all.

    A step counts whoever took it, with or without the one before: some buy without a cart.
    """
    sql = """
    SELECT event_type, count(DISTINCT session_id) AS sessions, count(DISTINCT user_id) AS visitors
    FROM read_parquet($sessions) GROUP BY GROUPING SETS ((event_type), ())
    """
    found = query(sql, sessions=sessions).set_index("event_type")
    everyone = found[found.index.isna()].iloc[0]
    steps = found.reindex(list(STEPS), fill_value=0).set_axis(pd.Index(STEPS.values(), name="step"))
    return steps.assign(share_of_sessions=steps.sessions / everyone.sessions).assign(
        share_of_visitors=steps.visitors / everyone.visitors
    )


def figure(steps: pd.DataFrame) -> Figure:
    """The shares of a `funnel` as bars, each with its value."""
    drawn, axes = plt.subplots(figsize=(8, 2.6), layout="constrained")
    place = np.arange(len(steps))
    for offset, column, colour in ((-0.2, "visitors", BLUE), (0.2, "sessions", SKY)):
        share = steps[f"share_of_{column}"]
        bars = axes.barh(place + offset, share, 0.38, color=colour, label=f"of all {column}")
        axes.bar_label(bars, [f"{value:.1%}" for value in share], padding=3, fontsize=9)
    axes.set_yticks(place, steps.index)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.12), xticks=np.linspace(0, 1, 6))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(visible=False, axis="y")
    drawn.legend(loc="outside upper left", ncols=2, frameon=False)
    plt.close(drawn)
    return drawn


def verdict(steps: pd.DataFrame) -> str:
    """How many visitors and sessions reach the cart and the purchase, in two sentences."""
    _, *visitors = (f"{share:.1%}" for share in steps.share_of_visitors)
    _, *sessions = (f"{share:.1%}" for share in steps.share_of_sessions)
    return (
        f"**{visitors[0]}** of the visitors put something into the cart and **{visitors[1]}** buy something. "
        f"Of the sessions {sessions[0]} fill a cart and {sessions[1]} hold a purchase."
    )
