"""The SELECT of a mapping: the rows are those of a query over the log's files, where plain columns say too little."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from willbuy.database import literal, quoted
from willbuy.ingest.errors import IngestError, about
from willbuy.ingest.mapping.layout import OWN_COLUMNS, LogLayout
from willbuy.ingest.reading.locate import beside
from willbuy.ingest.reading.records import SHOWN
from willbuy.ingest.reading.relation import Relation, advice
from willbuy.ingest.reading.typed import as_text, has_zone, is_number, is_time
from willbuy.ingest.reading.whole import FILE, LINE, load

# With the two columns in front of its own, such a SELECT would say something else.
COUNTED = re.compile(r"\b(GROUP|ORDER)\s+BY\s+(ALL\b|[0-9])", re.IGNORECASE)
PLAIN = re.compile(r"\s*SELECT\s+(?!DISTINCT\b)", re.IGNORECASE)


def open_selected(connection, numbers: Mapping[Path, int], layout: LogLayout, name: str, number: int) -> Relation:
    """Read the files of `numbers` and the tables beside them, and open the rows of the layout's SELECT over them.

    `name` names the mapping in errors, `number` stands for the file of a row whose file is not known. Raises
    IngestError for a SELECT that DuckDB cannot run, and for what the files themselves can raise.
    """
    key = min(numbers.values())  # other files may have a SELECT of their own
    records = load(connection, f"log_{key}", list(numbers), layout)
    known = f"SELECT * EXCLUDE (problem, text) FROM log_{key} WHERE problem IS NULL"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW log AS {known}")
    _load_tables(connection, next(iter(numbers)), layout, name, key)
    query, types = _query(connection, layout.select or "", name)
    try:
        connection.execute(f"CREATE TEMP TABLE selected_{key} AS {query}")
    except duckdb.Error as error:
        raise about(name, f"select: {advice(error)}") from None
    return _relation(key, types, layout, name, numbers, number, records)


def _load_tables(connection, log: Path, layout: LogLayout, name: str, key: int) -> None:
    for table, patterns in layout.tables.items():
        if not (paths := beside(log, patterns)):
            raise IngestError(f"{name}: tables.{table}: no file in {log.parent} is called {' or '.join(patterns)}")
        load(connection, f"beside_{key}_{table}", paths, layout)
        rows = f"SELECT * EXCLUDE (problem, text) FROM beside_{key}_{table} WHERE problem IS NULL"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(table)} AS {rows}")


def _query(connection, select: str, name: str) -> tuple[str, dict[str, str]]:
    """The SELECT, with the file and line of each row where it can have them, and the types of its columns."""
    select = select.strip().rstrip(";")
    types = _types(connection, select, name)
    if PLAIN.match(select) and not COUNTED.search(select) and not {FILE, LINE} & set(types):
        located = PLAIN.sub(f"SELECT {FILE}, {LINE}, ", select, count=1)
        try:
            found = _describe(connection, located)
            if _count(connection, located) == _count(connection, select):
                return located, found
        except duckdb.Error:  # it groups or joins, so its rows are of no one line
            pass
    return select, types


def _types(connection, select: str, name: str) -> dict[str, str]:
    try:
        return _describe(connection, select)
    except duckdb.Error as error:
        has = ", ".join(f"{column} ({type_})" for column, type_ in _describe(connection, "FROM log").items())
        raise about(name, f"select: {advice(error)}. `log` has {has}") from None


def _describe(connection, select: str) -> dict[str, str]:
    return {name: type_ for name, type_, *_ in connection.execute(f"DESCRIBE SELECT * FROM (\n{select}\n)").fetchall()}


def _count(connection, select: str) -> int:
    return connection.execute(f"SELECT count(*) FROM (\n{select}\n)").fetchall()[0][0]


def _relation(
    key: int,
    types: dict[str, str],
    layout: LogLayout,
    name: str,
    numbers: Mapping[Path, int],
    number: int,
    records: Sequence,
) -> Relation:
    columns = {theirs: f"c{n}" for n, theirs in enumerate(layout.wanted()) if theirs in types}
    fields = "".join(f", {_text(theirs, types[theirs], name)} AS {column}" for theirs, column in columns.items())
    places = "MAP {" + ", ".join(f"{literal(path)}: {place}" for path, place in numbers.items()) + "}"
    file = f"coalesce({places}[{FILE}], {number})" if FILE in types else str(number)
    line = f"{LINE}::BIGINT" if LINE in types else "NULL::BIGINT"
    lacks = [theirs for theirs in layout.wanted() if theirs not in columns]
    optional = {field for field, info in type(layout.columns).model_fields.items() if not info.is_required()}
    select = f"""
        SELECT coalesce({places}[{FILE}], {number}) AS file, {LINE} AS line, problem, text, NULL::VARCHAR AS row_text
        FROM log_{key} WHERE problem IS NOT NULL
        UNION ALL BY NAME
        SELECT {file} AS file, {line} AS line, NULL::VARCHAR AS problem, NULL::VARCHAR AS text,
            left(to_json(selected)::VARCHAR, {SHOWN}) AS row_text{fields}
        FROM selected_{key} selected"""
    return Relation(
        Path(name),
        select,
        columns | dict.fromkeys(lacks, "NULL::VARCHAR"),
        times={columns[theirs] for theirs in columns if is_time(types[theirs])},
        local=not any(has_zone(type_) for type_ in types.values()),
        typed={columns[theirs]: "true" for theirs in columns if is_number(types[theirs])},
        lacks=[theirs for theirs in lacks if layout.columns != OWN_COLUMNS or theirs not in optional],
        listing=lambda: ", ".join(f"{column!r} ({type_})" for column, type_ in types.items()),
        records=tuple(records),
        file="file",
        row_text="row_text",
    )


def _text(column: str, type_: str, name: str) -> str:
    text = as_text(quoted(column), type_)
    if text is None:
        raise about(name, f"select: {column!r} is {type_}, and willbuy needs text, numbers or times (`->>` makes text)")
    return text
