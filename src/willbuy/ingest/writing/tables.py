"""From staged rows to the products: events in order and without repeats, items, users."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from willbuy.database import copy_to_parquet
from willbuy.files import ROW_GROUP, parquet_writer
from willbuy.ingest.judging.robots import robots
from willbuy.ingest.writing.duplicates import marked
from willbuy.schema import EVENTS, QUANTITY

KEYS = ["timestamp", *(name for name in EVENTS.arrow.names if name != "timestamp"), "event_id"]
REPEATS = pa.schema([("file", pa.int32()), ("line", pa.int64())])

ACCEPTED = "ignored IS NULL AND reason IS NULL"
# Quantities and contexts come last: they tell no event from another, and of copies that differ in them the first in the
# log counts.
IN_ORDER = f"SELECT {{}} FROM log_rows WHERE {ACCEPTED} ORDER BY ALL"

SOME_QUANTITY = f"SELECT 1 FROM log_rows WHERE {ACCEPTED} AND quantity IS NOT NULL LIMIT 1"

# What an item is called and costs must be known from its first event on. A later value would tell a feature of the
# future: where only purchases carry a price, an item that has one would be an item that gets bought.
ITEMS = f"""
WITH seen AS (
    SELECT item_id, arg_min({{'category': category, 'price': price}}, (timestamp, file, line, category, price)) AS first
    FROM log_rows WHERE {ACCEPTED} AND item_id IN (SELECT item_id FROM read_parquet($events)) GROUP BY item_id
),
catalogue AS (
    SELECT item_id, arg_min(category, (since, file, line)) AS category,
        arg_min(base_price, (since, file, line)) AS base_price
    FROM (SELECT *, coalesce(epoch_us(timestamp), 0) AS since FROM item_rows WHERE {ACCEPTED}) GROUP BY item_id
)
SELECT seen.item_id, coalesce(catalogue.category, first.category) AS category,
    coalesce(catalogue.base_price, first.price) AS base_price
FROM seen LEFT JOIN catalogue ON seen.item_id = catalogue.item_id ORDER BY seen.item_id
"""

USERS = """
SELECT user_id, min(timestamp) AS first_seen FROM read_parquet($events) GROUP BY user_id ORDER BY user_id
"""

WITHOUT_ROBOTS = """
SELECT * FROM read_parquet($events) WHERE user_id NOT IN (SELECT user_id FROM robots)
"""


def write_events(connection, events_path: Path, repeats_path: Path, contexts: Iterable[str] = ()) -> None:
    """Write the accepted rows with their `contexts` in order to `events_path`, and where each exact duplicate was to
    `repeats_path`. There is a column of quantities only if any is known.
    """
    known = [QUANTITY.name] if connection.sql(SOME_QUANTITY).fetchall() else []
    schema = EVENTS.extended([*known, *contexts])
    columns = ", ".join([*KEYS, "file", "line", *known, *contexts])
    batches = connection.sql(IN_ORDER.format(columns)).to_arrow_reader(ROW_GROUP)
    with parquet_writer(events_path, schema) as events, parquet_writer(repeats_path, REPEATS) as repeats:
        for batch, repeat in marked(batches, KEYS):
            events.write_table(_filter(batch, ~repeat, schema), row_group_size=ROW_GROUP)
            repeats.write_table(_filter(batch, repeat, REPEATS))


def _filter(batch: pa.RecordBatch, keep: np.ndarray, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches([batch.select(schema.names)]).filter(pa.array(keep)).cast(schema)


def drop_robots(connection, events_path: Path) -> int:
    """Rewrite `events_path` without the robots' events; return how many those were."""
    connection.register("robots", robots(events_path))
    before = pq.read_metadata(events_path).num_rows
    return before - copy_to_parquet(connection, WITHOUT_ROBOTS, events_path, {"events": events_path})


def write_items(connection, events_path: Path, items_path: Path) -> None:
    """Write the items of `events_path`, each as the item file or, failing that, its first event knows it."""
    copy_to_parquet(connection, ITEMS, items_path, {"events": events_path})


def write_users(connection, events_path: Path, users_path: Path) -> None:
    """Write the users of `events_path` and when each was first seen."""
    copy_to_parquet(connection, USERS, users_path, {"events": events_path})
