"""What the kernel knows of items: their category, base price and daily tallies, from the log and the items table."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from willbuy.clock import DAY_US
from willbuy.database import connect, exactly
from willbuy.features import kernel
from willbuy.features.coding import Items
from willbuy.features.feature import EVENTS

# Integer division truncates towards zero; the shift keeps days before 1970 from it.
SHIFT = 1_000_000
TALLY = f"""
CREATE TEMP TABLE tally AS
SELECT
    item_id, (epoch_us(timestamp) + {SHIFT * DAY_US}) // {DAY_US} - {SHIFT} AS day,
    {", ".join(f"count(*) FILTER (event_type = '{EVENTS[measure]}') AS {measure}" for measure in kernel.TALLIED)}
FROM read_parquet($sessions) GROUP BY ALL
"""
ITEMS = """
SELECT item_id, days, category, base_price
FROM (SELECT item_id, count(*) AS days FROM tally GROUP BY item_id)
LEFT JOIN (SELECT item_id, category, base_price FROM read_parquet($items)) USING (item_id)
ORDER BY item_id
"""


def read_items(sessions_path: str | Path, items_path: str | Path, scratch: str | Path) -> Items:
    """Tally the log at `sessions_path` by item and UTC day, and look its items up in `items_path`.

    An item that the items table does not hold has neither category nor base price.
    Raises ValueError if the items table holds an item twice.
    """
    with connect(scratch) as connection:
        connection.execute(TALLY, {"sessions": exactly(sessions_path)})
        items = connection.sql(ITEMS, params={"items": exactly(items_path)}).to_arrow_table()
        tallies = _tallies(connection)
    ids = items["item_id"].combine_chunks()
    if len(ids.unique()) < len(ids):
        raise ValueError(f"{items_path}: an item_id occurs more than once; an item has one row")
    categories = items["category"].combine_chunks().unique().drop_null().sort()
    return Items(ids, categories, kernel.Catalogue(_items(items, categories), tallies))


def _tallies(connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    table = connection.execute("FROM tally ORDER BY item_id, day").fetchnumpy()
    tallies = np.zeros(len(table["day"]) + 1, kernel.TALLY_RECORD)
    tallies["day"][:-1] = table["day"]
    for n, measure in enumerate(kernel.TALLIED):
        tallies["counts"][1:, n] = np.cumsum(table[measure])
    return tallies


def _items(items: pa.Table, categories: pa.Array) -> np.ndarray:
    records = np.zeros(len(items), kernel.ITEM_RECORD)
    records["base_price"] = items["base_price"].to_numpy()
    records["category"] = pc.index_in(items["category"], value_set=categories).fill_null(kernel.NO_CATEGORY).to_numpy()
    records["stop"] = np.cumsum(items["days"].to_numpy())
    records["start"][1:] = records["stop"][:-1]
    return records
