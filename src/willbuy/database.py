"""DuckDB, set up one way: UTC, limits, a scratch folder that goes away, no network, and files that are what they are.

By itself DuckDB takes a path for a pattern, the folder `category=shoes` for a column that all its files have, and an
extension that a query names from the network. Here a path names one file, a file's columns are those inside it, and
nothing is fetched.
"""

from __future__ import annotations

import glob
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from willbuy import machine
from willbuy.files import ROW_GROUP, atomic
from willbuy.scratch import scratch

if TYPE_CHECKING:
    import pandas as pd


READ = re.compile(r"read_parquet\(\$(\w+)")
# In place of DuckDB's own read_parquet, so that no query can forget it.
READ_PARQUET = """
CREATE TEMP MACRO read_parquet(paths, numbered := false) AS TABLE
FROM parquet_scan(paths, hive_partitioning = false, file_row_number = numbered)
"""


@contextmanager
def connect(parent: str | Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that spills into a temporary folder under `parent` and fetches nothing from the network."""
    with scratch(".duckdb-", parent) as spill:
        settings = {
            "memory_limit": machine.memory_limit(),
            "threads": machine.threads(),
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(READ_PARQUET)
            yield connection


def literal(text: str | Path) -> str:
    """`text` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def quoted(*parts: str) -> str:
    """The name of a column, or of a table in a schema, as SQL."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def copy_to_parquet(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    path: str | Path,
    given: dict | None = None,
    compression: str = "zstd",
) -> int:
    """Write the rows of `sql` to `path`, whole or not at all; return their number.

    Its `$names` are values; in `read_parquet($name)` they are paths or lists of paths.
    """
    options = f"(FORMAT parquet, COMPRESSION {compression}, ROW_GROUP_SIZE {ROW_GROUP})"
    with atomic(path) as temporary:
        copy = f"COPY ({sql}) TO {literal(temporary)} {options}"
        ((rows,),) = connection.execute(copy, values(sql, given)).fetchall()
    return rows


def query(sql: str, **given) -> pd.DataFrame:
    """The answer to one question about parquet files, as a DataFrame: what the notebooks ask.

    Its `$names` are values; in `read_parquet($name)` they are paths or lists of paths. Only the answer is held in
    memory, never the files.
    """
    with connect(tempfile.gettempdir()) as connection:
        return connection.sql(sql, params=values(sql, given)).to_arrow_table().to_pandas()


def values(sql: str, given: dict | None) -> dict | None:
    """`given` as DuckDB takes it: what stands in `read_parquet($name)` of `sql` are files of these very names."""
    read = set(READ.findall(sql))
    return given and {name: exactly(value) if name in read else value for name, value in given.items()}


def exactly(paths):
    """A path, or each of a list, as a pattern of DuckDB's that fits this one file: `log[1].csv` is a name."""
    return [exactly(path) for path in paths] if isinstance(paths, list | tuple) else glob.escape(str(paths))
