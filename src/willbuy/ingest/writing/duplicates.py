"""Rows that equal the row before them, found in sorted batches; only one row is remembered."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def marked(batches: Iterable[pa.RecordBatch], columns: list[str]) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Each batch with a mask of the rows that equal the row before them in all `columns`, null equal to null.

    The rows must be sorted by `columns`. The first of equal rows is not marked.
    """
    last = None
    for batch in batches:
        if len(batch) == 0:
            continue
        keys = batch.select(columns)
        rows = pa.Table.from_batches([keys] if last is None else [last, keys]).combine_chunks()
        repeats = _repeats(rows)
        yield batch, repeats if last is not None else np.concatenate([[False], repeats])
        last = keys.slice(len(keys) - 1)


def _repeats(rows: pa.Table) -> np.ndarray:
    """For each row but the first: is it equal to the row before?"""
    same = np.ones(len(rows) - 1, bool)
    for column in rows.columns:
        after, before = column.slice(1), column.slice(0, len(rows) - 1)
        equal = pc.fill_null(pc.equal(after, before), False)
        nulls = pc.and_(pc.is_null(after), pc.is_null(before))
        same &= pc.or_(equal, nulls).to_numpy()
    return same
