"""The columns by Polars: running counts of every key, looked up before t and before t - window by join_asof."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from features_data import COLUMNS, COUNTS, LAST, MEASURES, RATES, WINDOWS

from willbuy.schema import DECISION_TYPES


def compute(folder: Path) -> Iterator[dict[str, np.ndarray]]:
    log = _log(folder)
    asked = log.filter("is_decision").select("n", "us", *COUNTS)
    found = [_recency(log, asked), *(_counts(log, asked, key, names) for key, names in COUNTS.items())]
    table = pl.concat(found, how="horizontal").with_columns(
        (pl.col(above) / pl.when(pl.col(below) != 0).then(pl.col(below))).alias(name)
        for name, (above, below) in RATES.items()
    )
    table = table.with_columns(asked["n"]).sort("n")
    for name in COLUMNS:
        yield {name: table[name].cast(pl.Float64).fill_null(np.nan).to_numpy()}


def _log(folder: Path) -> pl.DataFrame:
    """The log in the order of time, its keys as integers."""
    items = pl.scan_parquet(folder / "items.parquet").select("item_id", "category")
    log = pl.scan_parquet(folder / "sessions.parquet").with_row_index("n").join(items, on="item_id", how="left")
    user, item, category = (
        pl.col(name).cast(pl.Categorical).to_physical().cast(pl.Int64) for name in ("user_id", "item_id", "category")
    )
    return (
        log.select(
            "n",
            pl.col("timestamp").to_physical().alias("us"),
            user.alias("user"),
            (user * 1_000_000 + item).alias("user_item"),
            (user * 1_000_000 + category).alias("user_category"),
            pl.col("event_type").is_in(DECISION_TYPES).alias("is_decision"),
            *((pl.col("event_type") == event_type).alias(measure) for measure, event_type in MEASURES.items()),
        )
        .sort("us", maintain_order=True)
        .collect()
    )


def _before(asked: pl.DataFrame, running: pl.DataFrame, key: str, back: int) -> pl.DataFrame:
    """The state of `key` after its last event strictly before t - back."""
    left = asked.select(pl.col("us") - back, key)
    return left.join_asof(running, on="us", by=key, allow_exact_matches=False, check_sortedness=False)


def _counts(log: pl.DataFrame, asked: pl.DataFrame, key: str, names: list) -> pl.DataFrame:
    running = log.select("us", key, *(pl.col(m).cast(pl.Int32).cum_sum().over(key) for m in MEASURES))
    now = _before(asked, running, key, 0).select(pl.col(m).fill_null(0) for m in MEASURES)
    columns = []
    for window, width in WINDOWS.items():
        then = _before(asked, running, key, width).select(pl.col(m).fill_null(0) for m in MEASURES)
        columns += [(now[measure] - then[measure]).alias(name) for name, measure, w in names if w == window]
    return pl.DataFrame(columns)


def _recency(log: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    latest = [pl.when(what).then("us").forward_fill().over("user").alias(f"last_{what}") for what in MEASURES]
    latest.append(pl.col("us").alias("last_event"))
    running = log.select("us", "user", *latest, pl.col("us").min().over("user").alias("first"))
    state = _before(asked, running, "user", 0)
    # Polars divides by a scalar as it multiplies by its inverse, which rounds twice: divide by columns.
    hour, day = (pl.repeat(value, len(asked), eager=True) for value in (3.6e9, 8.64e10))
    ages = [((asked["us"] - state[f"last_{what}"]) / hour).alias(f"hours_since_last_{what}") for what in LAST]
    return pl.DataFrame([*ages, ((asked["us"] - state["first"]) / day).alias("days_since_first_seen")])
