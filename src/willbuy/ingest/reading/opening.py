"""Any file as a relation, by its type."""

import re
from pathlib import Path
from urllib.parse import unquote

from willbuy.database import literal
from willbuy.ingest.errors import about
from willbuy.ingest.mapping.layout import BRACES, CSV, JSON_LINES, PARQUET, Layout
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
    relation = OPENERS[file_type(path, layout.file_type, layout.encoding)](connection, path, layout, name)
    relation.columns |= from_path(path, layout)
    return relation


def from_path(path: Path, layout: Layout) -> dict[str, str]:
    """The columns that the path says, each as SQL: `day={day}` finds 5 in `day=5/log.csv`.

    Raises IngestError for a path that does not have them.
    """
    if not layout.path:
        return {}
    parts = (f"(?P<{part}>[^/]*?)" if n % 2 else re.escape(part) for n, part in enumerate(BRACES.split(layout.path)))
    found = re.search("".join(parts) + r"(?=/|$)" * layout.path.endswith("}"), path.resolve().as_posix())
    if not found:
        raise about(path, f"its path has no {layout.path!r}, from which the mapping reads {layout.path_names()}")
    return {name: literal(unquote(value)) for name, value in found.groupdict().items()}
