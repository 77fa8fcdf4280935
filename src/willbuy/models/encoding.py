"""From a table of features to the float32 matrix that every model reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from willbuy.files import ROW_GROUP
from willbuy.schema import OTHER, contexts

RARE = 100  # with fewer decision points in train a level of a context is rare


@dataclass(frozen=True)
class Encoding:
    """The columns of the matrix, in order, and for each categorical one its levels in the order of their codes.

    A null, and a level that training never saw, become NaN: XGBoost's missing value. A level of a context that training
    saw in fewer than RARE rows, or never, becomes OTHER.
    """

    names: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]

    @classmethod
    def fit(cls, path: str | Path, names: Iterable[str]) -> Encoding:
        """The encoding of the features `names` of the parquet file at `path`.

        Text columns are categorical. A column without a single value is left out: compare `names` to see which.
        Raises KeyError if the file lacks one of `names`.
        """
        file = pq.ParquetFile(path)
        names = tuple(names)
        _require(names, file.schema_arrow.names, path)
        filled = tuple(n for n in names if not _is_empty(file, n))
        return cls(filled, {n: _levels(path, n) for n in filled if _is_text(file.schema_arrow.field(n).type)})

    @classmethod
    def stored(cls, names: list[str], levels: dict[str, list[str]]) -> Encoding:
        """An encoding from JSON, which has lists for tuples."""
        return cls(tuple(names), {name: tuple(of_name) for name, of_name in levels.items()})

    @property
    def types(self) -> list[str]:
        """XGBoost's feature types: `c` is categorical, `q` a quantity."""
        return ["c" if n in self.levels else "q" for n in self.names]

    @property
    def named(self) -> dict[str, list[str]]:
        """The arguments by which XGBoost names and types the columns of a matrix."""
        return {"feature_names": list(self.names), "feature_types": self.types}

    def matrix(self, table: pa.Table | pa.RecordBatch | pd.DataFrame) -> np.ndarray:
        """The float32 matrix of shape (rows, features) of `table`. Other columns are ignored.

        Raises KeyError if the table lacks a column.
        """
        _require(self.names, table.columns if isinstance(table, pd.DataFrame) else table.schema.names, "the features")
        if isinstance(table, pd.DataFrame):
            table = pa.Table.from_pandas(table[list(self.names)], preserve_index=False)
        matrix = np.empty((table.num_rows, len(self.names)), dtype=np.float32)
        for j, name in enumerate(self.names):
            matrix[:, j] = self._numbers(name, table.column(name))
        return matrix

    def _numbers(self, name: str, column: pa.Array | pa.ChunkedArray) -> np.ndarray:
        if name in self.levels:
            column = self._codes(name, column.cast(pa.string()))
        return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)

    def _codes(self, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        codes = pc.index_in(column, pa.array(self.levels[name], pa.string()))
        if not contexts([name]):
            return codes
        return pc.if_else(pc.is_valid(column), pc.fill_null(codes, self.levels[name].index(OTHER)), codes)


def stream(path: str | Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows of the parquet file at `path`, a row group's worth at a time."""
    yield from pq.ParquetFile(path).iter_batches(ROW_GROUP, columns=columns)


def _require(wanted: Iterable[str], present: Iterable[str], where) -> None:
    missing = sorted(set(wanted) - set(present))
    if missing:
        raise KeyError(f"{where}: no column {', '.join(missing)}; build features again, or name other features")


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)


def _is_empty(file: pq.ParquetFile, name: str) -> bool:
    """True if every value of the column is null, by the file's own statistics."""
    j = file.schema_arrow.names.index(name)
    groups = [file.metadata.row_group(g) for g in range(file.num_row_groups)]
    return all(
        (s := group.column(j).statistics) is not None and s.has_null_count and s.null_count == group.num_rows
        for group in groups
    )


def _levels(path: str | Path, name: str) -> tuple[str, ...]:
    rows: Counter[str] = Counter()
    for batch in stream(path, [name]):
        rows.update({c["values"]: c["counts"] for c in pc.value_counts(batch.column(0).drop_null()).to_pylist()})
    if not contexts([name]):
        return tuple(sorted(rows))
    return (*sorted(level for level, count in rows.items() if count >= RARE and level != OTHER), OTHER)
