"""Whole files as tables of DuckDB, with all their columns: what the SELECT of a mapping reads."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from willbuy.database import exactly, literal, quoted
from willbuy.ingest.errors import about
from willbuy.ingest.mapping.layout import CSV, JSON_LINES, PARQUET, Layout
from willbuy.ingest.reading.blocks import header
from willbuy.ingest.reading.checksums import verify
from willbuy.ingest.reading.delimited import without_headers
from willbuy.ingest.reading.json_lines import NO_OBJECT, OBJECTS
from willbuy.ingest.reading.locate import file_type
from willbuy.ingest.reading.opening import from_path
from willbuy.ingest.reading.records import SHOWN, Records
from willbuy.ingest.reading.relation import advice, require_once

LINE, FILE = "log_line", "log_file"
RECORDS = "whole_records"


def load(connection, table: str, paths: Sequence[Path], layout: Layout) -> list[Records]:
    """Make `table` of the files: their columns as they are, LINE and FILE, and `problem` and `text` of broken records.

    Text files have texts, JSON lines one column, `json`. A column that a file lacks is null there. Returns the records
    of text files.
    """
    read = []
    for number, path in enumerate(paths):
        kind = file_type(path, layout.file_type, layout.encoding)
        rows, records = KINDS[kind](connection, path, layout)
        own = "".join(f", {value} AS {quoted(name)}" for name, value in from_path(path, layout).items())
        named = f"SELECT *, {literal(path)} AS {FILE}{own} FROM ({rows})"
        try:
            if number == 0:
                connection.execute(f"CREATE TEMP TABLE {table} AS {named}")
            else:
                _widen(connection, table, named)
                connection.execute(f"INSERT INTO {table} BY NAME {named}")
        except duckdb.Error as error:
            raise (records and records.error) or about(path, f"cannot be read: {advice(error)}") from None
        finally:
            connection.unregister(RECORDS)
        read += [records] if records else []
    return read


def _widen(connection, table: str, rows: str) -> None:
    has = {name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
    for name, type_, *_ in connection.execute(f"DESCRIBE {rows}").fetchall():
        if name not in has:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {type_}")


def _delimited(connection, path: Path, layout: Layout) -> tuple[str, Records]:
    found = list(layout.names or header(path, layout.delimiter, layout.quote, layout.encoding))
    require_once(path, found, found, lambda: ", ".join(map(repr, found)))
    columns = {name: f"c{n}" for n, name in enumerate(found)}
    whole = layout.last_line == "whole"
    records = Records(
        path, [*columns.values()], [*range(len(found))], layout.delimiter, layout.quote, layout.encoding, whole
    )
    connection.register(RECORDS, records.reader(skip_header=layout.names is None))
    values = "".join(f", {column} AS {quoted(name)}" for name, column in columns.items())
    return f"SELECT line AS {LINE}, problem, text{values} FROM ({without_headers(RECORDS, columns, found)})", records


def _json_lines(connection, path: Path, layout: Layout) -> tuple[str, Records]:
    records = Records(path, ["line_text"], [0], None, None, layout.encoding, whole=True)
    connection.register(RECORDS, records.reader(skip_header=False))
    rows = f"""
        SELECT line AS {LINE}, coalesce(problem, CASE WHEN object IS NULL THEN '{NO_OBJECT}' END) AS problem,
            coalesce(text, CASE WHEN object IS NULL THEN left(line_text, {SHOWN}) END) AS text, object AS json
        FROM ({OBJECTS} FROM {RECORDS})"""
    return rows, records


def _parquet(_, path: Path, __) -> tuple[str, None]:
    verify(path, None)
    scan = f"parquet_scan({literal(exactly(path))}, hive_partitioning = false, binary_as_string = true"
    return (
        f"""
        SELECT file_row_number + 1 AS {LINE}, NULL::VARCHAR AS problem, NULL::VARCHAR AS text, * EXCLUDE file_row_number
        FROM {scan}, file_row_number = true)""",
        None,
    )


KINDS = {CSV: _delimited, JSON_LINES: _json_lines, PARQUET: _parquet}
