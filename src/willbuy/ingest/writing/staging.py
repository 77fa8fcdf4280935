"""The one pass over the log: every row, with its event or its reason, goes into scratch files that DuckDB sorts."""

from pathlib import Path

import duckdb
import pyarrow as pa

from willbuy.database import copy_to_parquet, exactly, literal
from willbuy.ingest.errors import about
from willbuy.ingest.judging.judge import judged
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.mapping.mapping import Mapping
from willbuy.ingest.reading.columns import require_columns
from willbuy.ingest.reading.locate import beside
from willbuy.ingest.reading.opening import open_relation
from willbuy.ingest.reading.relation import Relation, advice


def stage(connection, log: tuple[Path, ...], mapping: Mapping, scratch: Path) -> list[tuple[Relation, Layout]]:
    """Read the log and the item files beside it, and make views of their rows as `judged`, with `file`, a number.

    These are `log_rows`, `item_rows`, `staged` (both, with `from_catalogue`) and `files` (number, name). A log without
    item files is complete: the categories of its items are then those of the log. Returns the files as they were read.
    """
    layouts: list[tuple[Path, Layout]] = [(path, mapping.layout(path)) for path in log]
    layouts += [(path, kind) for kind in mapping.items for path in beside(log[0], kind.log)]
    opened = [
        (open_relation(connection, path, layout, f"records_{number}"), layout)
        for number, (path, layout) in enumerate(layouts)
    ]
    require_columns(opened)
    for number, (relation, layout) in enumerate(opened):
        kind = "log" if number < len(log) else "item"
        _stage(connection, relation, layout, number, scratch / f"{kind}-{number}.parquet")
    _make_views(connection, scratch, with_items=len(opened) > len(log))
    names = [str(path) for path, _ in layouts]
    connection.register("files", pa.table({"number": range(len(names)), "name": names}))
    return opened


def _make_views(connection, scratch: Path, with_items: bool) -> None:
    log_rows, item_rows = (f"read_parquet({literal(f'{exactly(scratch)}/{kind}')})" for kind in ("log-*", "item-*"))
    connection.execute(f"CREATE TEMP VIEW read_rows AS FROM {log_rows}")
    connection.execute("CREATE TEMP VIEW log_rows AS FROM read_rows")
    connection.execute(f"CREATE TEMP VIEW item_rows AS FROM {item_rows if with_items else 'log_rows WHERE false'}")
    staged = "SELECT *, false AS from_catalogue FROM log_rows"
    staged += " UNION ALL SELECT *, true FROM item_rows" if with_items else ""
    connection.execute(f"CREATE TEMP VIEW staged AS {staged}")


def _stage(connection, relation: Relation, layout: Layout, number: int, target: Path) -> None:
    _set_timezone(connection, layout.timezone, relation.path)
    try:
        rows = copy_to_parquet(connection, f"SELECT {number} AS file, * FROM ({judged(relation, layout)})", target)
    except duckdb.Error as error:
        raise _told(error, relation) from error
    finally:
        connection.unregister(f"records_{number}")
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
