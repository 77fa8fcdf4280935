"""The one pass over the log: every row, with its event or its reason, into scratch files that DuckDB can sort."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from willbuy.ingest.errors import IngestError, at
from willbuy.ingest.judging.events import classify, open_relation
from willbuy.ingest.judging.items import classify_items
from willbuy.ingest.mapping.layout import Catalogue, Layout
from willbuy.ingest.mapping.mapping import Mapping
from willbuy.ingest.reading.locate import find
from willbuy.ingest.reading.relation import RECORDS, Relation, advice, literal


def stage_log(connection, paths: tuple[Path, ...], mapping: Mapping, folder: Path) -> None:
    """Write `folder`/log/<n>.parquet for the n-th file: the rows of `classify`, with `file` = n before them."""
    (folder / "log").mkdir()
    for number, path in enumerate(paths):
        _stage(connection, path, mapping.layout(path), classify, number, folder / "log")


def stage_catalogue(connection, near: Path, catalogue: Catalogue | None, first: int, folder: Path) -> tuple[Path, ...]:
    """Write `folder`/catalogue/<n>.parquet for each item file beside the log, numbered from `first`; return the files.

    An item file that is not there is no error: the items' categories are then those of the log.
    """
    (folder / "catalogue").mkdir()
    try:
        paths = find([near / part for part in catalogue.log]) if catalogue else ()
    except IngestError:
        return ()
    for number, path in enumerate(paths, first):
        _stage(connection, path, catalogue, classify_items, number, folder / "catalogue")
    return paths


def _stage(connection, path: Path, layout: Layout | Catalogue, query: Callable, number: int, folder: Path) -> None:
    _set_timezone(connection, layout.timezone, path)
    relation = open_relation(connection, path, layout)
    target = literal(str(folder / f"{number}.parquet"))
    try:
        copy = f"COPY (SELECT {number} AS file, * FROM ({query(relation, layout)})) TO {target}"
        ((rows,),) = connection.execute(copy).fetchall()
    except duckdb.Error as error:
        raise _told(error, relation) from error
    finally:
        connection.unregister(RECORDS)
        connection.execute("SET TimeZone = 'UTC'")
    _require_all(relation, getattr(layout, "explode", None), rows)


def _require_all(relation: Relation, explode: str | None, rows: int) -> None:
    """Hold the rows that were staged against the records that were read; a list taken apart makes more of them."""
    if relation.records and explode is None and rows != relation.records.count:
        raise AssertionError(f"{relation.path}: {relation.records.count} records were read, but {rows} staged")


def _set_timezone(connection, timezone: str, path: Path) -> None:
    try:
        connection.execute(f"SET TimeZone = {literal(timezone)}")
    except duckdb.Error:
        raise at(path, f"timezone {timezone!r} of the mapping is unknown; give a name such as Europe/Berlin") from None


def _told(error: duckdb.Error, relation: Relation) -> Exception:
    if relation.records and relation.records.error:
        return relation.records.error
    return at(relation.path, f"cannot be read as its mapping says: {advice(error)}")
