"""How tables and figures of the reports look: `use` sets it for a whole notebook."""

from collections.abc import Callable
from datetime import datetime
from numbers import Integral, Real
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from cycler import cycler
from IPython import get_ipython
from matplotlib.axes import Axes

from willbuy.numbers import number

# Okabe and Ito's palette, which suits every kind of colour vision.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#999999", "#000000")
BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE, GREY, BLACK = PALETTE
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.dpi": 110,
    "font.size": 10,
    "grid.alpha": 0.3,
    "legend.fontsize": 9,
    "legend.framealpha": 0.9,
}


def use() -> None:
    """Draw every figure in STYLE from here on, show every table of pandas as `table` writes it, and thousands apart."""
    plt.rcParams.update(STYLE)
    if shell := get_ipython():
        formatters = shell.display_formatter.formatters
        formatters["text/html"].for_type(pd.DataFrame, table)
        formatters["text/plain"].for_type(int, lambda count, printer, _: printer.text(f"{count:,}"))


def legend(axes: Axes) -> None:
    """The legend of `axes` below its figure, where it hides nothing."""
    if drawn := axes.get_legend():
        drawn.remove()
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    figure.set_layout_engine("constrained")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=4, frameon=False)


def table(frame: pd.DataFrame) -> str:
    """The HTML of a table: thousands apart, three digits, times to the second, a dash where nothing is known."""
    if frame.empty:
        return '<p class="quiet">None.</p>'
    shown = frame.copy(deep=False)
    if isinstance(shown.index, pd.DatetimeIndex):
        shown.index = shown.index.map(_column(shown.index.to_series()))
    formatters = [_column(shown.iloc[:, place]) for place in range(shown.shape[1])]
    return shown.to_html(formatters=formatters, na_rep="–", border=0, max_rows=60)


def _column(values: pd.Series) -> Callable[[object], str]:
    known = values.dropna()
    if pd.api.types.is_datetime64_any_dtype(values):
        days = bool((known == known.dt.normalize()).all())
        return lambda time: "–" if pd.isna(time) else f"{time:%Y-%m-%d}" if days else f"{time:%Y-%m-%d %H:%M:%S}"
    if pd.api.types.is_float_dtype(values):
        for decimals in (0, 1, 2):
            if (known.round(decimals) == known).all():  # money, or rounded on purpose
                return lambda value: f"{value:,.{decimals}f}"
    return _value


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    return f"{value:,}" if isinstance(value, Integral) else number(float(value))
