"""DuckDB, set up one way: UTC, a memory limit, a thread count, and a scratch folder that goes away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from willbuy import machine
from willbuy.files import ROW_GROUP, atomic

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def connect(scratch: str | Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that spills into a temporary folder under `scratch` and fetches nothing from the network."""
    Path(scratch).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".duckdb-", dir=scratch) as spill:
        settings = {
            "memory_limit": machine.memory_limit(),
            "threads": machine.threads(),
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection


def literal(text: str | Path) -> str:
    """`text` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def copy_to_parquet(
    connection: duckdb.DuckDBPyConnection, query: str, path: str | Path, values: dict | None = None
) -> int:
    """Write the rows of `query` to `path`, whole or not at all; return their number.

    Its `$names` are values, paths or lists of paths.
    """
    options = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    with atomic(path) as temporary:
        copy = f"COPY ({query}) TO {literal(temporary)} {options}"
        ((rows,),) = connection.execute(copy, _plain(values)).fetchall()
    return rows


def query(sql: str, **values) -> pd.DataFrame:
    """The answer to one question about parquet files, as a DataFrame: what the notebooks ask.

    Its `$names` are values, paths or lists of paths. Only the answer is held in memory, never the files.
    """
    with connect(tempfile.gettempdir()) as connection:
        return connection.sql(sql, params=_plain(values)).to_arrow_table().to_pandas()


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value
