"""The columns by DuckDB: RANGE windows over whole microseconds that end at 1 PRECEDING."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from features_data import COLUMNS, COUNTS, LAST, MEASURES, RATES, WINDOWS

from willbuy import machine
from willbuy.database import connect
from willbuy.schema import EVENT_TYPES

PARTITION = {"user": "user_code", "user_item": "user_code, item_code", "user_category": "user_code, category"}
BATCH = 250_000  # rows


def compute(folder: Path) -> Iterator[dict[str, np.ndarray]]:
    counts = [
        f"count(*) FILTER (kind = '{MEASURES[measure]}') OVER {key}_{w} AS {name}"
        for key, names in COUNTS.items()
        for name, measure, w in names
    ]
    filters = {"event": "", **{m: f"FILTER (kind = '{MEASURES[m]}')" for m in LAST if m != "event"}}
    ages = [f"(us - max(us) {filters[what]} OVER past) / 3.6e9 AS hours_since_last_{what}" for what in LAST]
    rates = [f"{above} / nullif({below}, 0) AS {name}" for name, (above, below) in RATES.items()]
    windows = [
        f"{key}_{w} AS (PARTITION BY {partition} ORDER BY us RANGE BETWEEN {width} PRECEDING AND 1 PRECEDING)"
        for key, partition in PARTITION.items()
        for w, width in WINDOWS.items()
    ]
    plain = ", ".join(name for name in COLUMNS if name not in RATES)
    sql = f"""
        WITH log AS (
            SELECT l.file_row_number AS n, event_type::ENUM{EVENT_TYPES} AS kind, epoch_us(timestamp) AS us,
                substr(user_id, 2)::INT AS user_code, substr(item_id, 2)::INT AS item_code,
                substr(category, 2)::INT AS category
            FROM read_parquet($log, numbered := true) l JOIN read_parquet($items) USING (item_id)
        ),
        counted AS (
            SELECT n, kind, {", ".join(counts)}, {", ".join(ages)},
                (us - min(us) OVER past) / 8.64e10 AS days_since_first_seen
            FROM log
            WINDOW past AS (PARTITION BY user_code ORDER BY us RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                {", ".join(windows)}
        )
        SELECT {plain}, {", ".join(rates)} FROM counted WHERE kind IN ('view', 'add_to_cart') ORDER BY n
    """
    machine.announce(memory_limit="16GB", threads=2)
    with connect(folder) as connection:
        files = {"log": str(folder / "sessions.parquet"), "items": str(folder / "items.parquet")}
        for batch in connection.sql(sql, params=files).to_arrow_reader(BATCH):
            yield {name: batch[name].cast("float64").to_numpy(zero_copy_only=False) for name in COLUMNS}
