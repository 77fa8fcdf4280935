"""Parquet files: columns by name, fields of structs by dots, the entries of a list of structs on request."""

from pathlib import Path

import duckdb

from willbuy.database import exactly, literal
from willbuy.ingest.errors import about
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.relation import Relation, absent, advice, entries, in_entry, numbered

# These stand beside the file's own columns, so no such column may have their name.
ROW, ENTRY = "willbuy row", "willbuy entry"
TIMES = ("TIMESTAMP", "DATE")
NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT")
TEXTS = ("VARCHAR", "ENUM", "UUID", *NUMBERS)


def open_parquet(connection, path: Path, layout: Layout) -> Relation:
    """Open a Parquet file. Raises IngestError for a broken file, an absent column, and a type that cannot be read."""
    file = _File(connection, path, layout.explode)
    columns = numbered(layout.wanted())
    types = {name: file.type_of(name) for name in columns}
    fields = "".join(f", {_value(file, name, types[name])} AS {column}" for name, column in columns.items())
    select = f"""
        SELECT {_quoted(ROW)} + 1 AS line, NULL::VARCHAR AS problem, NULL::VARCHAR AS text{fields}
        FROM ({file.rows})"""
    return Relation(path, select, columns, {columns[name] for name in columns if types[name].startswith(TIMES)})


class _File:
    """`rows` is SQL for the file's rows with ROW, their number, and ENTRY, an entry of the list `explode`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, explode: str | None) -> None:
        self.connection, self.path, self.explode = connection, path, explode
        # Files of Hive and Impala hold text as plain bytes.
        table = f"parquet_scan({literal(exactly(path))}, hive_partitioning = false, binary_as_string = true)"
        try:
            self.found = self._types(f"FROM {table}")
        except duckdb.Error as error:
            raise about(path, f"cannot be read as Parquet: {advice(error)}") from None
        self.listing = ", ".join(f"{name!r} ({type_})" for name, type_ in self.found.items())
        self.rows = f"SELECT *, file_row_number AS {_quoted(ROW)} FROM {table}"
        if explode:
            if explode.split(".")[0] not in self.found:
                raise absent(path, [explode], self.listing)
            self.rows = f"SELECT *, {entries(self.identifier(explode))} AS {_quoted(ENTRY)} FROM ({self.rows})"

    def _types(self, query: str) -> dict[str, str]:
        return {name: type_ for name, type_, *_ in self.connection.execute(f"DESCRIBE {query}").fetchall()}

    def identifier(self, name: str) -> str:
        if (inner := in_entry(name, self.explode)) is not None:
            return _quoted(ENTRY, *inner.split("."))
        return _quoted(name) if name in self.found else _quoted(*name.split("."))

    def type_of(self, name: str) -> str:
        try:
            return self._types(f"SELECT {self.identifier(name)} AS value FROM ({self.rows})")["value"]
        except duckdb.Error:
            raise absent(self.path, [name], self.listing) from None


def _quoted(*parts: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _value(file: _File, name: str, type_: str) -> str:
    value = file.identifier(name)
    if type_.startswith(TIMES):
        return f"{value}::TIMESTAMP" if type_ == "TIMESTAMP_NS" else value
    if not type_.removeprefix("U").startswith(TEXTS) or type_.endswith("[]"):
        needed = "willbuy needs text, numbers or times"
        raise about(file.path, f"the column {name!r} is {type_}, and {needed}. Found: {file.listing}")
    if type_ not in ("DOUBLE", "FLOAT"):
        return f"{value}::VARCHAR"
    # pandas turns whole numbers into floats as soon as one is missing: 17.0 is the id 17.
    whole = f"{value} = trunc({value}) AND abs({value}) < 9007199254740992"
    return f"CASE WHEN {whole} THEN {value}::BIGINT::VARCHAR ELSE {value}::VARCHAR END"
