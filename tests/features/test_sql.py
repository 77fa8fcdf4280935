"""A second oracle, on a simulated shop: window SQL generated from the definitions, run by DuckDB."""

import numpy as np
import pytest

from willbuy.database import query
from willbuy.features.definitions import FEATURES
from willbuy.features.feature import EVENTS, WINDOWS

PARTITION = {"user": "user_id", "user_item": "user_id, item_id", "user_category": "user_id, category"}
COUNTED = {f.name: f.formula.times[0] for f in FEATURES if f.unit == "count"}
COUNTS = {n: q for n, q in COUNTED.items() if q.key in PARTITION and q.window in WINDOWS and q.measure in EVENTS}


def window_sql(counts):
    """A RANGE frame on whole microseconds ends at 1 PRECEDING: strictly before t, ties and all."""
    columns = ",\n".join(
        f"count(*) FILTER (event_type = '{EVENTS[q.measure]}') OVER (PARTITION BY {PARTITION[q.key]} ORDER BY us "
        f"RANGE BETWEEN {WINDOWS[q.window]} PRECEDING AND 1 PRECEDING) AS {name}"
        for name, q in counts.items()
    )
    return f"""
        WITH log AS (
            SELECT s.*, epoch_us(timestamp) AS us, category, s.file_row_number AS n
            FROM read_parquet($sessions, numbered := true) s LEFT JOIN read_parquet($items) USING (item_id)
        ),
        counted AS (SELECT n, event_type, {columns} FROM log)
        SELECT * FROM counted WHERE event_type IN ('view', 'add_to_cart') ORDER BY n
    """


@pytest.mark.parametrize("key", PARTITION)
def test_counts_equal_window_sql(shop, key):
    folder, found = shop
    counts = {name: q for name, q in COUNTS.items() if q.key == key}
    assert len(counts) >= 12
    expected = query(window_sql(counts), sessions=folder / "sessions.parquet", items=folder / "items.parquet")
    for name in counts:
        np.testing.assert_array_equal(found[name].to_numpy(), expected[name], err_msg=name)
    assert (expected[list(counts)].max() > 0).mean() > 0.5


SO_FAR = """
SELECT e.example_id, count(s.timestamp) AS events, count(DISTINCT s.item_id) AS items,
    count(*) FILTER (s.event_type = 'view' AND s.item_id = e.item_id) AS item_views,
    coalesce((epoch_us(e.timestamp) - epoch_us(min(s.timestamp))) / 1e6, 0) AS seconds
FROM read_parquet($examples) e LEFT JOIN read_parquet($sessions) s
    ON e.session_id = s.session_id AND s.timestamp < e.timestamp
GROUP BY e.example_id, e.timestamp ORDER BY substr(e.example_id, 2)::INT
"""


def test_session_features_agree_with_session_id(shop):
    folder, found = shop
    expected = query(SO_FAR, examples=folder / "examples.parquet", sessions=folder / "sessions.parquet")
    columns = {
        "session_event_count": "events",
        "session_item_count": "items",
        "session_item_view_count": "item_views",
        "session_seconds": "seconds",
    }
    for name, column in columns.items():
        np.testing.assert_array_equal(found[name].to_numpy(), expected[column], err_msg=name)
