"""The way of a log: read and judge its rows, write the tables, publish them."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from willbuy.database import connect
from willbuy.ingest.errors import IngestError
from willbuy.ingest.judging.excluded import exclude, listed
from willbuy.ingest.judging.far import quarantine_far_times
from willbuy.ingest.judging.resent import quarantine_resent
from willbuy.ingest.mapping.mapping import load
from willbuy.ingest.reading import remote
from willbuy.ingest.reading.locate import find
from willbuy.ingest.reading.relation import advice
from willbuy.ingest.writing import quarantine, tables
from willbuy.ingest.writing.fit import require_fit
from willbuy.ingest.writing.ledger import Ledger, require_use
from willbuy.ingest.writing.staging import Opened, stage
from willbuy.schema import EVENTS, ITEMS, USERS, check
from willbuy.scratch import scratch

PRODUCTS = {"events.parquet": EVENTS, "items.parquet": ITEMS, "users.parquet": USERS}
QUARANTINE = "quarantine.parquet"


def ingest(
    log: str | Path | Iterable[str | Path],
    log_format: str | Path,
    products: str | Path,
    *,
    max_quarantine_share: float = 0.05,
    exclude_robots: bool = False,
    exclude_users: str | Path = "",
) -> Ledger:
    """Write events, items, users and quarantine (`.parquet`) of a shop's log into the folder `products`.

    `log` names files, folders, globs or addresses of S3, HTTPS or PostgreSQL, one or a list: CSV, JSON lines or
    Parquet. `log_format` is the name of a built-in format or the path of a mapping file (docs/ingest.md). Every row
    that is read becomes an event, or is in quarantine with its file, line and reason, or is counted as ignored. The
    ledger that is returned says how many. Users whom the file `exclude_users` lists, an id a line, are in no product.

    Raises IngestError, which says what is wrong, where, and what to do: for a log or a mapping that cannot be read, a
    mapping that does not fit the log, and more quarantine than `max_quarantine_share` of the rows. Then events, items
    and users stay as they were, but the quarantine is written where it can show what is wrong.
    """
    mapping, products = load(log_format), Path(products)
    find(log)  # before anything is made
    users = listed(exclude_users)
    with scratch(".ingest-", products) as folder, connect(products) as connection:
        try:
            opened = stage(connection, find(log, folder), mapping, folder)
            exclude(connection, users)
            require_fit(connection, mapping.name, opened, max_quarantine_share)
            quarantine_far_times(connection)
            quarantine_resent(connection, folder)
            ledger = _write(
                connection, folder, mapping.contexts, products / QUARANTINE, max_quarantine_share, exclude_robots
            )
        except IngestError as error:
            remote.told(error)
            raise
        except duckdb.Error as error:
            raise IngestError(f"{log}: read, but not written: {advice(error)}") from error
        _publish(folder, products)
    return replace(ledger, notes=tuple(_notes(opened)), unused=tuple(_unused(opened)))


def _notes(opened: list[Opened]) -> Iterator[str]:
    for relation, _ in opened:
        yield from (remote.origin(note) for records in relation.records if (note := records.spans.told(records.path)))


def _unused(opened: list[Opened]) -> dict[str, None]:
    return dict.fromkeys(name for relation, _ in opened for name in relation.unused)


def _write(
    connection, scratch: Path, contexts: list[str], quarantine_path: Path, max_share: float, exclude_robots: bool
) -> Ledger:
    events, repeats = scratch / "events.parquet", scratch / "repeats.parquet"
    tables.write_events(connection, events, repeats, contexts)
    robot_events = tables.drop_robots(connection, events) if exclude_robots else 0
    quarantine.write_quarantine(connection, repeats, quarantine_path)
    ledger = quarantine.tally(connection, events, quarantine_path, robot_events)
    ledger.check()
    require_use(ledger, max_share, quarantine.first_of_each(quarantine_path))
    tables.write_items(connection, events, scratch / "items.parquet")
    tables.write_users(connection, events, scratch / "users.parquet")
    return ledger


def _publish(scratch: Path, products: Path) -> None:
    """Check the new tables, put them in place, and delete the truth of a simulated shop that was here before."""
    for name, table in PRODUCTS.items():
        check(scratch / name, table)
    for name in PRODUCTS:
        os.replace(scratch / name, products / name)
    (products / "truth.parquet").unlink(missing_ok=True)
