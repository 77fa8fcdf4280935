"""Parquet files: columns by name, fields of structs by dots, the entries of a list of structs on request."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from willbuy.database import exactly, literal, quoted
from willbuy.ingest.errors import about
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.checksums import verify
from willbuy.ingest.reading.relation import Relation, absent, advice, entries, in_entry, numbered
from willbuy.ingest.reading.typed import as_text, has_zone, is_number, is_time

ROW, ENTRY = "willbuy row", "willbuy entry"


def open_parquet(connection, path: Path, layout: Layout, name: str) -> Relation:
    """Open a Parquet file; columns that it lacks are null.

    Raises IngestError for a broken file, a column whose name is not clear, and a type that cannot be read.
    """
    file = _File(connection, path, layout.explode)
    columns = numbered([theirs for theirs in layout.wanted() if file.has(theirs)])
    verify(path, sorted({file.top(theirs) for theirs in columns}))
    types = file.types(list(columns))
    fields = "".join(f", {_value(file, theirs, types[theirs])} AS {column}" for theirs, column in columns.items())
    select = f"""
        SELECT {quoted(ROW)} + 1 AS line, NULL::VARCHAR AS problem, NULL::VARCHAR AS text{fields}
        FROM ({file.rows})"""
    lacks = [theirs for theirs in layout.wanted() if theirs not in columns]
    return Relation(
        path,
        select,
        columns | dict.fromkeys(lacks, "NULL::VARCHAR"),
        times={columns[theirs] for theirs in columns if is_time(types[theirs])},
        local=not any(has_zone(type_) for type_ in types.values()),
        typed={columns[theirs]: "true" for theirs in columns if is_number(types[theirs])},
        lacks=lacks,
        listing=lambda: file.listing,
        unused=[theirs for theirs in file.schema.names if theirs not in map(file.top, columns)],
    )


class _File:
    """`rows` is SQL for the file's rows with ROW, their number, and ENTRY, an entry of the list `explode`.

    Parquet's names are exact, and DuckDB's are not: it renames the second of `user` and `User`. So the names come from
    the file itself, and DuckDB's from their places.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, explode: str | None) -> None:
        self.connection, self.path, self.explode = connection, path, explode
        # Files of Hive and Impala hold text as plain bytes.
        table = f"parquet_scan({literal(exactly(path))}, hive_partitioning = false, binary_as_string = true)"
        try:
            described = self._describe(f"FROM {table}")
            self.schema = pq.read_schema(path)
        except (duckdb.Error, OSError, pa.ArrowException) as error:
            said = advice(error) if isinstance(error, duckdb.Error) else str(error).partition("\n")[0]
            raise about(path, f"cannot be read as Parquet: {said}") from None
        self.named = dict(zip(self.schema.names, (name for name, _ in described), strict=True))
        types = zip(self.schema.names, described, strict=True)
        self.listing = ", ".join(f"{name!r} ({type_})" for name, (_, type_) in types)
        self.rows = f"SELECT * RENAME (file_row_number AS {quoted(ROW)}) FROM {table[:-1]}, file_row_number = true)"
        if explode:
            if not self.has(explode):
                raise absent(path, [explode], self.listing)
            self.rows = f"SELECT *, {entries(self.identifier(explode))} AS {quoted(ENTRY)} FROM ({self.rows})"

    def _describe(self, query: str) -> list[tuple[str, str]]:
        return [(name, type_) for name, type_, *_ in self.connection.execute(f"DESCRIBE {query}").fetchall()]

    def has(self, name: str) -> bool:
        """Does the file have this column or field? Raises IngestError where two have that name."""
        first, *inside = self._parts(name)
        fields, alike = [*self.schema], [field for field in self.schema if field.name == first]
        for part in [*inside, None]:
            if len(alike) > 1:
                raise about(self.path, f"the name {name!r} is not clear: the file has it twice. Found: {self.listing}")
            if not alike or part is None:
                return bool(alike)
            fields = _inside(alike[0].type)
            # Inside of structs, DuckDB itself does not tell `id` from `ID`.
            alike = [field for field in fields if field.name.lower() == part.lower()]
            if len(alike) == 1 and alike[0].name != part:
                return False
        return True

    def top(self, name: str) -> str:
        """The column of the file that `name` is in."""
        return self._parts(name)[0]

    def _parts(self, name: str) -> list[str]:
        return [name] if name in self.schema.names else name.split(".")

    def identifier(self, name: str) -> str:
        """SQL for a column or field over `rows`."""
        if (inner := in_entry(name, self.explode)) is not None:
            return quoted(ENTRY, *inner.split("."))
        first, *inside = self._parts(name)
        return quoted(self.named[first], *inside)

    def types(self, names: list[str]) -> dict[str, str]:
        """What DuckDB calls the type of each."""
        values = ", ".join(f"{self.identifier(name)} AS c{n}" for n, name in enumerate(names)) or "1"
        try:
            described = self._describe(f"SELECT {values} FROM ({self.rows})")
        except duckdb.Error as error:
            raise about(self.path, f"cannot be read as its mapping says: {advice(error)}") from None
        return dict(zip(names, (type_ for _, type_ in described), strict=False))


def _inside(type_: pa.DataType) -> list[pa.Field]:
    """The fields of a struct, or of the structs in a list."""
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        type_ = type_.value_type
    return [type_.field(n) for n in range(type_.num_fields)] if pa.types.is_struct(type_) else []


def _value(file: _File, name: str, type_: str) -> str:
    text = as_text(file.identifier(name), type_)
    if text is None:
        needed = "willbuy needs text, numbers or times"
        raise about(file.path, f"the column {name!r} is {type_}, and {needed}. Found: {file.listing}")
    return text
