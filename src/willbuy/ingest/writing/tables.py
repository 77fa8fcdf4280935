"""From staged rows to the products: events in order and without repeats, items, users, and the quarantine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from willbuy.database import copy_to_parquet
from willbuy.files import ROW_GROUP, parquet_writer
from willbuy.ingest.judging.robots import robots
from willbuy.ingest.writing.duplicates import marked
from willbuy.schema import EVENTS

DUPLICATE = "exact duplicate"
KEYS = ["timestamp", "user_id", "item_id", "event_type", "price", "duration_seconds"]
REPEATS = pa.schema([("file", pa.int32()), ("line", pa.int64())])

ACCEPTED = "FROM read_parquet($staged) WHERE ignored IS NULL AND reason IS NULL"
IN_ORDER = f"SELECT {', '.join(KEYS)}, file, line {ACCEPTED} ORDER BY ALL"

# What an item is called and costs must be known from its first event on. A value taken from later on would tell a
# feature of the future: where prices are logged at purchases only, having one at all would say "will be bought".
ITEMS = f"""
WITH seen AS (
    SELECT item_id, arg_min({{'category': category, 'price': price}}, (timestamp, file, line)) AS first
    {ACCEPTED} AND item_id IN (SELECT item_id FROM read_parquet($events)) GROUP BY item_id
)
SELECT seen.item_id, coalesce(catalogue.category, first.category) AS category,
    coalesce(catalogue.base_price, first.price) AS base_price
FROM seen LEFT JOIN catalogue ON seen.item_id = catalogue.item_id ORDER BY seen.item_id
"""

CATALOGUE = """
CREATE TEMP TABLE catalogue AS
SELECT item_id, arg_min(category, (since, file, line)) AS category,
    arg_min(base_price, (since, file, line)) AS base_price
FROM (SELECT *, coalesce(epoch_us(timestamp), 0) AS since FROM read_parquet($staged) WHERE picked) GROUP BY item_id
"""
NO_CATALOGUE = "CREATE TEMP TABLE catalogue (item_id VARCHAR, category VARCHAR, base_price DOUBLE)"

USERS = """
SELECT user_id, min(timestamp) AS first_seen FROM read_parquet($events) GROUP BY user_id ORDER BY user_id
"""

WITHOUT_ROBOTS = """
SELECT * FROM read_parquet($events) WHERE user_id NOT IN (SELECT user_id FROM robots)
"""


def write_events(connection, staged: str, events_path: Path, repeats_path: Path) -> None:
    """Write the accepted rows in order to `events_path`, and where each exact duplicate was to `repeats_path`."""
    batches = connection.sql(IN_ORDER, params={"staged": staged}).to_arrow_reader(ROW_GROUP)
    with parquet_writer(events_path, EVENTS.arrow) as events, parquet_writer(repeats_path, REPEATS) as repeats:
        for batch, repeat in marked(batches, KEYS):
            events.write_table(_filter(batch, ~repeat, EVENTS.arrow), row_group_size=ROW_GROUP)
            repeats.write_table(_filter(batch, repeat, REPEATS))


def _filter(batch: pa.RecordBatch, keep: np.ndarray, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches([batch.select(schema.names)]).filter(pa.array(keep)).cast(schema)


def drop_robots(connection, events_path: Path) -> int:
    """Rewrite `events_path` without the robots' events; return how many those were."""
    connection.register("robots", robots(events_path))
    before = count_rows(connection, events_path)
    copy_to_parquet(connection, WITHOUT_ROBOTS, events_path, {"events": str(events_path)})
    return before - count_rows(connection, events_path)


def count_rows(connection, path: Path) -> int:
    """How many rows a parquet file has."""
    ((rows,),) = connection.execute("SELECT count(*) FROM read_parquet($path)", {"path": str(path)}).fetchall()
    return rows


def write_items(connection, staged: str, catalogue: str | None, events_path: Path, items_path: Path) -> None:
    """Write the items of `events_path`, each as its own file or, failing that, its first event knows it."""
    connection.execute(CATALOGUE if catalogue else NO_CATALOGUE, {"staged": catalogue} if catalogue else {})
    copy_to_parquet(connection, ITEMS, items_path, {"staged": staged, "events": str(events_path)})


def write_users(connection, events_path: Path, users_path: Path) -> None:
    """Write the users of `events_path` and when each was first seen."""
    copy_to_parquet(connection, USERS, users_path, {"events": str(events_path)})
