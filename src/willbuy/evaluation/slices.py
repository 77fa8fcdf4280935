"""Metrics within parts of the rows: where the model works, and where it does not."""

import numpy as np
import pandas as pd

from willbuy.evaluation.intervals import UserBootstrap, rate
from willbuy.evaluation.metrics import Ranking

SLICES = ("event_type", "persona", "item_category", "visitor", "week")
MOST_VALUES = 20


def measure(frame: pd.DataFrame, by: str, bootstrap: UserBootstrap) -> pd.DataFrame:
    """One row a value of the column `by`; `frame` has label and probability too, and the rows of `bootstrap`.

    Columns: slice (= `by`), value, n, positives, base_rate with the 95% interval low to high, predicted (mean
    probability), off (the interval does not hold what was predicted), pr_auc and log_loss (null where all labels are
    alike). Of more than MOST_VALUES values the ones with the most rows are measured: a real shop may have thousands of
    categories.
    """
    most = frame[by].value_counts(dropna=False).nlargest(MOST_VALUES, keep="all").index[:MOST_VALUES]
    places = frame.assign(row=np.arange(len(frame)))[frame[by].isin(most)]
    groups = places.groupby(by, dropna=False, observed=True, sort=True)
    named = (("unknown" if pd.isna(value) else str(value), group) for value, group in groups)
    return pd.DataFrame([{"slice": by, "value": value, **_row(group, bootstrap)} for value, group in named])


def measure_all(frame: pd.DataFrame, users: pd.DataFrame, bootstrap: UserBootstrap) -> pd.DataFrame:
    """`measure` by each of SLICES, one below the other; by persona only if the table `users` says it.

    `frame` has the columns of DECISIONS, item_category and probability.
    """
    rows = frame.assign(visitor=visitor(frame.session_id), week=week(frame.timestamp))
    if "persona" in users:
        rows = rows.merge(users[["user_id", "persona"]], on="user_id", how="left", validate="many_to_one")
    return pd.concat([measure(rows, by, bootstrap) for by in SLICES if by in rows], ignore_index=True)


def week(timestamps: pd.Series) -> pd.Series:
    """The week of each timestamp, counted from the first one's midnight UTC and named by the day it starts on."""
    days = timestamps.dt.floor("D")
    weeks = (days - days.min()).dt.days // 7
    return (days.min() + pd.to_timedelta(7 * weeks, unit="D")).dt.strftime("%Y-%m-%d")


def visitor(session_ids: pd.Series) -> pd.Series:
    """`new` in a user's first session (its id ends in _1), `returning` from then on."""
    return pd.Series(np.where(session_ids.str.endswith("_1"), "new", "returning"), index=session_ids.index)


def _row(group: pd.DataFrame, bootstrap: UserBootstrap) -> dict:
    measured = Ranking(group.label, group.probability).measure()
    drawn = bootstrap.of(group.row).mean(group.label)
    observed, predicted = rate(group.label.sum(), len(group), drawn), float(group.probability.mean())
    return {
        "n": len(group),
        "positives": int(group.label.sum()),
        "predicted": predicted,
        "base_rate": observed.value,
        "low": observed.low,
        "high": observed.high,
        "off": observed.excludes(predicted),
        "pr_auc": measured["pr_auc"],
        "log_loss": measured["log_loss"],
    }
