"""The columns by pandas: running counts of every key, looked up before t and before t - window by merge_asof."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from features_data import COUNTS, LAST, MEASURES, RATES, WINDOWS, read_log

from willbuy.schema import DECISION_TYPES


def compute(folder: Path) -> Iterator[dict[str, np.ndarray]]:
    log = _coded(folder)
    order = np.argsort(log["us"].to_numpy(), kind="stable")
    log = log.iloc[order].reset_index(drop=True)
    asked = log.loc[log["is_decision"], ["us", *COUNTS]]
    back = np.argsort(order[log["is_decision"].to_numpy()], kind="stable")
    rated = {}
    for found in _groups(log, asked):
        found = {name: np.asarray(values, dtype=np.float64)[back] for name, values in found.items()}
        rated |= {name: found[name] for names in RATES.values() for name in names if name in found}
        yield found
    yield {name: _divide(rated[above], rated[below]) for name, (above, below) in RATES.items()}


def _groups(log: pd.DataFrame, asked: pd.DataFrame) -> Iterator[dict[str, np.ndarray]]:
    yield _recency(log, asked)
    for key, names in COUNTS.items():
        yield from _counts(log, asked, key, names)


def _coded(folder: Path) -> pd.DataFrame:
    table = read_log(folder)
    user, item, category, kind = (_codes(table[n]) for n in ("user_id", "item_id", "category", "event_type"))
    log = pd.DataFrame({"us": table["timestamp"].cast("int64").to_numpy(), "user": user[0]})
    for key, (codes, names) in (("user_item", item), ("user_category", category)):
        pair = user[0].astype(np.int64) * len(names) + codes
        log[key] = pd.factorize(pair)[0].astype(np.int32)
    for measure, event_type in MEASURES.items():
        log[measure] = kind[0] == kind[1].index(event_type)
    log["is_decision"] = np.isin(kind[0], [n for n, name in enumerate(kind[1]) if name in DECISION_TYPES])
    return log


def _codes(column) -> tuple[np.ndarray, list[str]]:
    coded = column.combine_chunks()
    coded = coded if hasattr(coded, "dictionary") else coded.dictionary_encode()
    return coded.indices.to_numpy(), coded.dictionary.to_pylist()


def _before(asked: pd.DataFrame, running: pd.DataFrame, key: str, back: int) -> pd.DataFrame:
    """The state of `key` after its last event strictly before t - back."""
    left = pd.DataFrame({"us": asked["us"] - back, key: asked[key]})
    return pd.merge_asof(left, running, on="us", by=key, allow_exact_matches=False)


def _counts(log: pd.DataFrame, asked: pd.DataFrame, key: str, names: list) -> Iterator[dict[str, np.ndarray]]:
    measures = list(dict.fromkeys(measure for _, measure, _ in names))
    running = log[measures].astype(np.int32).groupby(log[key].to_numpy(), sort=False).cumsum()
    running = pd.concat([log[["us", key]], running], axis=1)
    now = _before(asked, running, key, 0)[measures].fillna(0)
    for window, width in WINDOWS.items():
        inside = now - _before(asked, running, key, width)[measures].fillna(0)
        yield {name: inside[measure].to_numpy() for name, measure, w in names if w == window}


def _recency(log: pd.DataFrame, asked: pd.DataFrame) -> dict[str, np.ndarray]:
    """Every log row with the times of its user's latest events so far, and of the first."""
    times, user = log["us"], log["user"].to_numpy()
    latest = {f"last_{what}": times if what == "event" else times.where(log[what]) for what in LAST}
    running = pd.DataFrame(latest).groupby(user, sort=False).ffill()
    running["first"] = times.groupby(user, sort=False).transform("min")
    state = _before(asked, pd.concat([log[["us", "user"]], running], axis=1), "user", 0)
    age = {what: asked["us"].to_numpy() - state[f"last_{what}"].to_numpy() for what in LAST}
    found = {f"hours_since_last_{what}": age[what] / 3.6e9 for what in LAST}
    return found | {"days_since_first_seen": (asked["us"].to_numpy() - state["first"].to_numpy()) / 8.64e10}


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below == 0, np.nan, above / below)
