"""Metrics within parts of the rows: where the model works, and where it does not."""

import numpy as np
import pandas as pd

from willbuy.evaluation.metrics import Ranking

SLICES = ("event_type", "persona", "item_category", "visitor", "week")
MOST_VALUES = 20


def measure(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row a value of the column `by`; `frame` has the columns label and probability too.

    Columns: slice (= `by`), value, n, positives, base_rate, pr_auc and log_loss (null where all labels are alike),
    predicted (mean probability: close to base_rate where the model is calibrated). Of more than MOST_VALUES values the
    ones with the most rows are measured: a real shop may have thousands of categories.
    """
    most = frame[by].value_counts(dropna=False).nlargest(MOST_VALUES, keep="all").index[:MOST_VALUES]
    groups = frame[frame[by].isin(most)].groupby(by, dropna=False, observed=True, sort=True)
    return pd.DataFrame(
        [{"slice": by, "value": "unknown" if pd.isna(value) else str(value), **_row(group)} for value, group in groups]
    )


def measure_all(frame: pd.DataFrame, users: pd.DataFrame) -> pd.DataFrame:
    """`measure` by each of SLICES, one below the other; by persona only if the table `users` says it.

    `frame` has the columns of DECISIONS, item_category and probability.
    """
    rows = frame.assign(visitor=visitor(frame.session_id), week=week(frame.timestamp))
    if "persona" in users:
        rows = rows.merge(users[["user_id", "persona"]], on="user_id", how="left", validate="many_to_one")
    return pd.concat([measure(rows, by) for by in SLICES if by in rows], ignore_index=True)


def week(timestamps: pd.Series) -> pd.Series:
    """The week of each timestamp, counted from the first one's midnight UTC and named by the day it starts on."""
    days = timestamps.dt.floor("D")
    weeks = (days - days.min()).dt.days // 7
    return (days.min() + pd.to_timedelta(7 * weeks, unit="D")).dt.strftime("%Y-%m-%d")


def visitor(session_ids: pd.Series) -> pd.Series:
    """`new` in a user's first session (its id ends in _1), `returning` from then on."""
    return pd.Series(np.where(session_ids.str.endswith("_1"), "new", "returning"), index=session_ids.index)


def _row(group: pd.DataFrame) -> dict:
    measured = Ranking(group.label, group.probability).measure()
    return {
        "n": len(group),
        "positives": int(group.label.sum()),
        "base_rate": float(group.label.mean()),
        "predicted": float(group.probability.mean()),
        "pr_auc": measured["pr_auc"],
        "log_loss": measured["log_loss"],
    }
