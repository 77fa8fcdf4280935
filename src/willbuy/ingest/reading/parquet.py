"""Parquet as a source: columns by name, fields of structs by dots, a list of structs taken apart on request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from willbuy.ingest.errors import at
from willbuy.ingest.mapping.layout import Catalogue, Layout
from willbuy.ingest.reading.relation import Relation, advice, literal, numbered

# Beside the file's own columns, so named as none of those is.
ROW, ELEMENT = "willbuy row", "willbuy element"
TIMES = ("TIMESTAMP", "DATE")
NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT")
TEXTS = ("VARCHAR", "ENUM", "UUID", *NUMBERS)


@dataclass
class _File:
    connection: duckdb.DuckDBPyConnection
    path: Path
    explode: str | None

    def rows(self) -> str:
        """The file's rows with ROW, their number, and with ELEMENT where a list is taken apart."""
        # Files of Hive and Impala hold text as plain bytes.
        target = f"read_parquet({literal(str(self.path))}, binary_as_string = true)"
        rows = f"SELECT *, file_row_number AS {_quoted(ROW)} FROM {target}"
        if self.explode is None:
            return rows
        entries = self.identifier(self.explode)
        entry = f"unnest(CASE WHEN len({entries}) > 0 THEN {entries} ELSE [NULL] END) AS {_quoted(ELEMENT)}"
        return f"SELECT *, {entry} FROM ({rows})"

    def types(self, query: str) -> dict[str, str]:
        return {name: type_ for name, type_, *_ in self.connection.execute(f"DESCRIBE {query}").fetchall()}

    def found(self) -> dict[str, str]:
        try:
            return self.types(f"SELECT * FROM read_parquet({literal(str(self.path))}, binary_as_string = true)")
        except duckdb.Error as error:
            raise at(self.path, f"cannot be read as Parquet: {advice(error)}") from None

    def identifier(self, name: str) -> str:
        if self.explode and name.startswith(f"{self.explode}."):
            return _quoted(ELEMENT, *name.removeprefix(f"{self.explode}.").split("."))
        return _quoted(name) if name in self.found() else _quoted(*name.split("."))

    def listing(self) -> str:
        return ", ".join(f"{name!r} ({type_})" for name, type_ in self.found().items())

    def type_of(self, name: str) -> str:
        try:
            return self.types(f"SELECT {self.identifier(name)} AS value FROM ({self.rows()})")["value"]
        except duckdb.Error:
            absent = f"the mapping names the columns ['{name}'], which the file does not have. Found: {self.listing()}"
            raise at(self.path, absent) from None


def _quoted(*parts: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def open_parquet(connection, path: Path, layout: Layout | Catalogue, wanted: list[str]) -> Relation:
    """Open a Parquet file. Raises IngestError for a broken file, an absent column, and a type that is no value."""
    file = _File(connection, path, getattr(layout, "explode", None))
    if file.explode and file.explode.split(".")[0] not in file.found():
        raise at(path, f"the mapping explodes {file.explode!r}, which the file does not have. Found: {file.listing()}")
    columns = numbered(wanted)
    types = {name: file.type_of(name) for name in wanted}
    fields = "".join(f", {_value(file, name, types[name])} AS {column}" for name, column in columns.items())
    select = f"""
        SELECT {_quoted(ROW)} + 1 AS line, NULL::VARCHAR AS problem, NULL::VARCHAR AS text{fields}
        FROM ({file.rows()})"""
    times = {column for name, column in columns.items() if types[name].startswith(TIMES)}
    return Relation(path, select, columns, times)


def _value(file: _File, name: str, type_: str) -> str:
    value = file.identifier(name)
    if type_.startswith(TIMES):
        return f"{value}::TIMESTAMP" if type_ == "TIMESTAMP_NS" else value
    if not type_.removeprefix("U").startswith(TEXTS) or type_.endswith("[]"):
        raise at(
            file.path, f"the column {name!r} is {type_}, and willbuy needs text, numbers or times; {file.listing()}"
        )
    if type_ not in ("DOUBLE", "FLOAT"):
        return f"{value}::VARCHAR"
    # pandas makes floats of whole numbers as soon as one is missing: 17.0 is the id 17.
    whole = f"{value} = trunc({value}) AND abs({value}) < 9007199254740992"
    return f"CASE WHEN {whole} THEN {value}::BIGINT::VARCHAR ELSE {value}::VARCHAR END"
