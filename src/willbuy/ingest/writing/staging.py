"""The one pass over the log: every row, with its event or its reason, goes into scratch files that DuckDB sorts."""

from pathlib import Path

import duckdb
import pyarrow as pa

from willbuy.database import copy_to_parquet, exactly, literal
from willbuy.ingest.errors import about
from willbuy.ingest.judging.judge import judged
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.mapping.mapping import Mapping
from willbuy.ingest.reading.locate import beside
from willbuy.ingest.reading.opening import open_relation
from willbuy.ingest.reading.relation import RECORDS, Relation, advice


def stage(connection, log: tuple[Path, ...], mapping: Mapping, scratch: Path) -> None:
    """Read the log and the item files beside it, and make views of their rows as `judged`, with `file`, a number.

    These are `log_rows`, `item_rows`, `staged` (both, with `from_catalogue`) and `files` (number, name). A log without
    item files is complete: the categories of its items are then those of the log.
    """
    for number, path in enumerate(log):
        _stage(connection, path, mapping.layout(path), number, scratch / f"log-{number}.parquet")
    items = dict.fromkeys(beside(log[0], mapping.items.log), mapping.items) if mapping.items else {}
    for number, (path, layout) in enumerate(items.items(), len(log)):
        _stage(connection, path, layout, number, scratch / f"item-{number}.parquet")
    log_rows, item_rows = (f"read_parquet({literal(f'{exactly(scratch)}/{kind}')})" for kind in ("log-*", "item-*"))
    connection.execute(f"CREATE TEMP VIEW log_rows AS FROM {log_rows}")
    connection.execute(f"CREATE TEMP VIEW item_rows AS FROM {item_rows if items else 'log_rows WHERE false'}")
    staged = "SELECT *, false AS from_catalogue FROM log_rows"
    staged += " UNION ALL SELECT *, true FROM item_rows" if items else ""
    connection.execute(f"CREATE TEMP VIEW staged AS {staged}")
    names = [str(path) for path in (*log, *items)]
    connection.register("files", pa.table({"number": range(len(names)), "name": names}))


def _stage(connection, path: Path, layout: Layout, number: int, target: Path) -> None:
    _set_timezone(connection, layout.timezone, path)
    relation = open_relation(connection, path, layout)
    try:
        rows = copy_to_parquet(connection, f"SELECT {number} AS file, * FROM ({judged(relation, layout)})", target)
    except duckdb.Error as error:
        raise _told(error, relation) from error
    finally:
        connection.unregister(RECORDS)
        connection.execute("SET TimeZone = 'UTC'")
    _require_all(relation, layout.explode, rows)


def _require_all(relation: Relation, explode: str | None, rows: int) -> None:
    """Compare the rows that were staged with the records that were read; `explode` makes more rows."""
    if relation.records and explode is None and rows != relation.records.count:
        raise AssertionError(f"{relation.path}: {relation.records.count} records were read, but {rows} staged")


def _set_timezone(connection, timezone: str, path: Path) -> None:
    try:
        connection.execute(f"SET TimeZone = {literal(timezone)}")
    except duckdb.Error:
        problem = f"timezone {timezone!r} of the mapping is unknown; give a name such as Europe/Berlin"
        raise about(path, problem) from None


def _told(error: duckdb.Error, relation: Relation) -> Exception:
    if relation.records and relation.records.error:
        return relation.records.error
    return about(relation.path, f"cannot be read as its mapping says: {advice(error)}")
