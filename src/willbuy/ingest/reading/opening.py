"""Any file as a relation, by its type."""

from pathlib import Path

from willbuy.ingest.mapping.layout import CSV, JSON_LINES, PARQUET, Layout
from willbuy.ingest.reading.delimited import open_delimited
from willbuy.ingest.reading.json_lines import open_json_lines
from willbuy.ingest.reading.locate import file_type
from willbuy.ingest.reading.parquet import open_parquet
from willbuy.ingest.reading.relation import Relation

OPENERS = {CSV: open_delimited, JSON_LINES: open_json_lines, PARQUET: open_parquet}


def open_relation(connection, path: Path, layout: Layout, name: str) -> Relation:
    """Open the file at `path` for the columns that `layout` names; what is read of it bears the name `name` in DuckDB.

    Raises IngestError for a file of another type, and for one that cannot be read.
    """
    return OPENERS[file_type(path, layout.file_type, layout.encoding)](connection, path, layout, name)
