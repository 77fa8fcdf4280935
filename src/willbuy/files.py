"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from willbuy import by_hand

ROW_GROUP = 122_880


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; rename it into place if the block succeeds, else remove it.

    The name carries the process id, so that two builds never write to one file. Raises NotInABuildError where `path`
    is a build's and no build writes it.
    """
    path = Path(path)
    by_hand.check(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def parquet_writer(
    path: str | Path, schema: pa.Schema, dictionary: bool | list[str] = True
) -> Iterator[pq.ParquetWriter]:
    """A zstd parquet writer whose file appears at `path` only when the block ends well.

    `dictionary` names the columns to try dictionary encoding on: it costs time where values seldom repeat.
    """
    options = {"compression": "zstd", "use_dictionary": dictionary}
    with atomic(path) as temporary, pq.ParquetWriter(temporary, schema, **options) as writer:
        yield writer


def write_table(table: pa.Table, path: str | Path) -> None:
    """Write `table` to `path` as zstd parquet, whole or not at all."""
    with parquet_writer(path, table.schema) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP)


def write_text(text: str, path: str | Path) -> None:
    """Write `text` to `path`, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
