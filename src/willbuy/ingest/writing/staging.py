"""The one pass over the log: every row, with its event or its reason, goes into scratch files that DuckDB sorts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from willbuy.database import copy_to_parquet, exactly, literal
from willbuy.ingest.errors import about
from willbuy.ingest.judging.judge import judged
from willbuy.ingest.mapping.layout import Layout, LogLayout
from willbuy.ingest.mapping.mapping import Mapping
from willbuy.ingest.reading.columns import require_columns
from willbuy.ingest.reading.locate import beside
from willbuy.ingest.reading.opening import open_relation
from willbuy.ingest.reading.relation import Relation, advice
from willbuy.ingest.reading.remote import origin
from willbuy.ingest.reading.selected import open_selected

Opened = tuple[Relation, Layout]


def stage(connection, log: tuple[Path, ...], mapping: Mapping, scratch: Path) -> list[tuple[Relation, Layout]]:
    """Read the log and the item files beside it, and make views of their rows as `judged`, with `file`, a number.

    These are `log_rows`, `item_rows`, `staged` (both, with `from_catalogue`) and `files` (number, name). A log without
    item files is complete: the categories of its items are then those of the log. Returns the files as they were read.
    """
    files = [*log, *dict.fromkeys(path for kind in mapping.items for path in beside(log[0], kind.log))]
    numbers = {path: number for number, path in enumerate([*files, Path(mapping.name)])}
    opened = [*_open_log(connection, log, mapping, numbers), *_open_items(connection, log[0], mapping, numbers)]
    require_columns(opened)
    for place, (relation, layout) in enumerate(opened):
        kind = "item" if layout in mapping.items else "log"
        _stage(connection, relation, layout, scratch / f"{kind}-{place}.parquet", mapping.contexts)
    _make_views(connection, scratch, with_items=any(layout in mapping.items for _, layout in opened))
    connection.register("files", pa.table({"number": [*numbers.values()], "name": [*map(origin, numbers)]}))
    return opened


def _open_log(connection, log: tuple[Path, ...], mapping: Mapping, numbers: dict[Path, int]) -> Iterator[Opened]:
    """Each file by itself, or all files of a layout whose SELECT goes over all of them."""
    selected: dict[int, LogLayout] = {}
    for path in log:
        layout = mapping.layout(path)
        if layout.select:
            selected[id(layout)] = layout
        else:
            yield _open(connection, path, layout, numbers)
    for layout in selected.values():
        alike = {path: numbers[path] for path in log if mapping.layout(path) is layout}
        with timezone(connection, layout.timezone, log[0]):
            own = numbers[Path(mapping.name)]
            yield open_selected(connection, alike, layout, mapping.name, own), layout


def _open_items(connection, log: Path, mapping: Mapping, numbers: dict[Path, int]) -> Iterator[Opened]:
    for kind in mapping.items:
        for path in beside(log, kind.log):
            yield _open(connection, path, kind, numbers)


def _open(connection, path: Path, layout: Layout, numbers: dict[Path, int]) -> Opened:
    relation = open_relation(connection, path, layout, f"records_{numbers[path]}_{id(layout)}")
    return replace(relation, number=numbers[path]), layout


def _make_views(connection, scratch: Path, with_items: bool) -> None:
    log_rows, item_rows = (f"read_parquet({literal(f'{exactly(scratch)}/{kind}')})" for kind in ("log-*", "item-*"))
    connection.execute(f"CREATE TEMP VIEW read_rows AS FROM {log_rows}")
    connection.execute("CREATE TEMP VIEW log_rows AS FROM read_rows")
    connection.execute(f"CREATE TEMP VIEW item_rows AS FROM {item_rows if with_items else 'log_rows WHERE false'}")
    staged = "SELECT *, false AS from_catalogue FROM log_rows"
    staged += " UNION ALL SELECT *, true FROM item_rows" if with_items else ""
    connection.execute(f"CREATE TEMP VIEW staged AS {staged}")


def _stage(connection, relation: Relation, layout: Layout, target: Path, contexts: list[str]) -> None:
    with timezone(connection, layout.timezone, relation.path):
        try:
            rows = copy_to_parquet(connection, judged(relation, layout, contexts), target, compression="snappy")
        except duckdb.Error as error:
            raise _told(error, relation) from error
    if not layout.explode and relation.file is None:
        _require_all(relation, rows)


def _require_all(relation: Relation, rows: int) -> None:
    """Compare the rows that were staged with the records that were read."""
    for records in relation.records:
        if rows != records.count:
            raise AssertionError(f"{relation.path}: {records.count} records were read, but {rows} staged")


@contextmanager
def timezone(connection, name: str, path: Path) -> Iterator[None]:
    """Read times without an offset as those of the zone `name`. Raises IngestError for a zone that is not known."""
    try:
        connection.execute(f"SET TimeZone = {literal(name)}")
    except duckdb.Error:
        problem = f"timezone {name!r} of the mapping is unknown; give a name such as Europe/Berlin"
        raise about(path, problem) from None
    try:
        yield
    finally:
        connection.execute("SET TimeZone = 'UTC'")


def _told(error: duckdb.Error, relation: Relation) -> Exception:
    for records in relation.records:
        if records.error:
            return records.error
    return about(relation.path, f"cannot be read as its mapping says: {advice(error)}")
