"""`flask warm products/events.parquet`: load history in bulk: the first request scores as the pipeline would."""

from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from flask import Blueprint, current_app
from tqdm import tqdm

from app.online.features import Online
from app.online.records import TYPES, content_keys, item_number, to_records
from app.online.store import StoreError
from app.online.store.timeline import Entry
from willbuy.features import kernel
from willbuy.features.coding import codes
from willbuy.features.pieces import runs
from willbuy.schema import EVENTS, ITEMS, SchemaError, check

AT_ONCE = 50_000  # events in one transaction, of whole users
ITEMS_AT_ONCE = 10_000

blueprint = Blueprint("warm", __name__, cli_group=None)


@blueprint.cli.command("warm")
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def warm(events: Path) -> None:
    """Load EVENTS, a file like products/events.parquet, and items.parquet beside it into the store.

    Doing it twice does no harm, nor does stopping it half-way.
    """
    app: Any = current_app
    items = events.with_name("items.parquet")
    try:
        check(events, EVENTS)
        if items.exists():
            check(items, ITEMS)
            click.echo(f"{load_items(app.online, items):,} items are new or changed")
        accepted, duplicates, too_old = load_events(app.online, events, app.champion.gap_us).tolist()
    except (SchemaError, StoreError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{accepted:,} events loaded, {duplicates:,} were there, {too_old:,} older than what is kept of them")


def load_items(online: Online, path: Path) -> int:
    """Tell `online` of the items at `path`, as they have always been; returns how many it did not know so."""
    rows = pq.read_table(path, columns=["item_id", "category", "base_price"]).to_pylist()
    entries = [Entry(row["item_id"], kernel.NEVER, row["category"], row["base_price"]) for row in rows]
    return sum(online.put(entries[start : start + ITEMS_AT_ONCE]) for start in range(0, len(entries), ITEMS_AT_ONCE))


def load_events(online: Online, path: Path, gap_us: int | None) -> np.ndarray:
    """`online.add` for the events at `path`."""
    table = pq.read_table(path, columns=list(EVENTS.arrow.names), read_dictionary=["user_id", "item_id", "event_type"])
    users, user = codes(table["user_id"])
    names = users.to_pylist()
    order = np.lexsort((table["timestamp"].cast(pa.int64()).to_numpy(), user))
    records, user = _records(table, user)[order], user[order]
    start = np.append(np.flatnonzero(np.diff(user, prepend=-1)), len(user))
    outcome = np.zeros(3, np.int64)
    with tqdm(total=len(user), unit=" events", unit_scale=True) as progress:
        for first, last in runs(start, AT_ONCE):
            mine = {names[user[start[n]]]: records[start[n] : start[n + 1]] for n in range(first, last)}
            outcome += online.add(mine, gap_us)
            progress.update(int(start[last] - start[first]))
    return outcome


def _records(table: pa.Table, user: np.ndarray) -> np.ndarray:
    price, seconds = (table[name].to_numpy() for name in ("price", "duration_seconds"))
    items, item = codes(table["item_id"])
    types, kind = codes(table["event_type"])
    records = to_records(
        table["timestamp"].cast(pa.int64()).to_numpy(),
        np.array([item_number(name) for name in items.to_pylist()], np.int64)[item],
        np.array([TYPES[name] for name in types.to_pylist()], np.int64)[kind],
        price,
        seconds,
    )
    records["key"] = content_keys(records, price, seconds, _copies(user, records["key"]))
    return records


def _copies(user: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Which copy of an event each row is, from 0: a log may hold one twice, and the pipeline counts both."""
    order = np.lexsort((content, user))
    same = (np.diff(content[order], prepend=0) == 0) & (np.diff(user[order], prepend=-1) == 0)
    place = np.arange(len(order))
    copies = np.empty(len(order), np.uint64)
    copies[order] = place - np.maximum.accumulate(np.where(same, 0, place))
    return copies
