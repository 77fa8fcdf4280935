"""A shop's log in, the products out: the same tables that the simulated shop leaves, but for the truth."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from willbuy.database import connect
from willbuy.ingest.errors import IngestError
from willbuy.ingest.mapping.mapping import load
from willbuy.ingest.reading.locate import find
from willbuy.ingest.reading.relation import advice
from willbuy.ingest.writing import quarantine, tables
from willbuy.ingest.writing.ledger import Ledger, require_share
from willbuy.ingest.writing.staging import stage_catalogue, stage_log
from willbuy.schema import EVENTS, ITEMS, USERS, check

PRODUCTS = {"events.parquet": EVENTS, "items.parquet": ITEMS, "users.parquet": USERS}
QUARANTINE = "quarantine.parquet"


def ingest(
    log: str | Path | Iterable[str | Path],
    log_format: str | Path,
    products: str | Path,
    *,
    max_quarantine_share: float = 0.05,
    exclude_robots: bool = False,
) -> Ledger:
    """Write events, items, users and quarantine (`.parquet`) of a shop's log into the folder `products`.

    `log` is a path, a list of paths or a glob: CSV, gzipped CSV, JSON lines or Parquet. `log_format` is the name of a
    built-in format or the path of a mapping file (docs/ingest.md). Every row read becomes an event, or is in
    quarantine with its file, line and reason, or is counted as ignored: the ledger that is returned says how many.

    Raises IngestError, with what is wrong, where, and what to do: for a log or a mapping that cannot be read, a
    mapping that does not fit the log, and more quarantine than `max_quarantine_share` of the rows. Then events, items
    and users stay as they were, but the quarantine is written where it can show what is wrong.
    """
    mapping, paths, products = load(log_format), find(log), Path(products)
    products.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".ingest-", dir=products) as scratch,
        connect(products) as connection,
    ):
        scratch = Path(scratch)
        stage_log(connection, paths, mapping, scratch)
        item_paths = stage_catalogue(connection, paths[0].parent, mapping.items, len(paths), scratch)
        catalogue = str(scratch / "catalogue" / "*.parquet") if item_paths else None
        names = [str(path) for path in (*paths, *item_paths)]
        quarantine.gather_rows(connection, str(scratch / "log" / "*.parquet"), catalogue, names)
        quarantine.require_known_types(connection, mapping.name)
        try:
            return _write(connection, scratch, products, catalogue, max_quarantine_share, exclude_robots)
        except duckdb.Error as error:
            raise IngestError(f"{log}: read, but not written: {advice(error)}") from error


def _write(connection, scratch: Path, products: Path, catalogue, max_quarantine_share, exclude_robots) -> Ledger:
    staged, events = str(scratch / "log" / "*.parquet"), scratch / "events.parquet"
    tables.write_events(connection, staged, events, scratch / "repeats.parquet")
    robot_events = tables.drop_robots(connection, events) if exclude_robots else 0
    quarantine.write_quarantine(connection, scratch / "repeats.parquet", products / QUARANTINE)
    ledger = quarantine.tally(connection, events, products / QUARANTINE, robot_events)
    ledger.check()
    require_share(ledger, max_quarantine_share, quarantine.examples(connection, products / QUARANTINE))
    _require_events(ledger)
    tables.write_items(connection, staged, catalogue, events, scratch / "items.parquet")
    tables.write_users(connection, events, scratch / "users.parquet")
    _publish(scratch, products)
    return ledger


def _require_events(ledger: Ledger) -> None:
    if ledger.rows == 0:
        raise IngestError("the log has no rows: a header at most")
    if ledger.events == 0:
        raise IngestError(
            f"no event is left of {ledger.rows} rows; in quarantine: {ledger.reasons() or 'none'}; "
            f"ignored: {', '.join(f'{name} {count}' for name, count in ledger.ignored.items()) or 'none'}"
        )


def _publish(scratch: Path, products: Path) -> None:
    """Check the new tables, put them in place, and take away the truth of a simulated shop that was here before."""
    for name, table in PRODUCTS.items():
        check(scratch / name, table)
    for name in PRODUCTS:
        os.replace(scratch / name, products / name)
    (products / "truth.parquet").unlink(missing_ok=True)
