"""Reading a features file: all of it, or a random sample of its rows, as a matrix."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from willbuy.models.encoding import Encoding, stream


def read(path: str | Path, encoding: Encoding, columns: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """The `columns` of the features file at `path` as a frame, and `encoding`'s matrix of the same rows."""
    frames, matrices = [], []
    for batch in stream(path, list(dict.fromkeys([*columns, *encoding.names]))):
        frames.append(batch.select(columns))
        matrices.append(encoding.matrix(batch))
    return pa.Table.from_batches(frames).to_pandas(), np.concatenate(matrices)


def matrix(path: str | Path, encoding: Encoding, chosen: np.ndarray | None = None) -> np.ndarray:
    """`encoding`'s matrix of the features file at `path`, or of the `chosen` rows (a mask or rising positions).

    A feature that the file lacks is missing in every row.
    """
    present = pq.read_schema(path).names
    known = [name for name in encoding.names if name in present]
    kept = np.full(pq.read_metadata(path).num_rows, chosen is None)
    if chosen is not None:
        kept[chosen] = True
    matrices, start = [], 0
    for batch in stream(path, known or present[:1]):
        rows = pa.Table.from_batches([batch.filter(pa.array(kept[start : start + len(batch)]))])
        start += len(batch)
        for name in set(encoding.names) - set(known):
            rows = rows.append_column(name, pa.nulls(len(rows)))
        matrices.append(encoding.matrix(rows))
    return np.concatenate(matrices)


def sample(path: str | Path, encoding: Encoding, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The matrix and labels of `rows` rows drawn at random (of all rows, if there are fewer)."""
    labels = pq.read_table(path, columns=["label"])["label"].to_numpy()
    chosen = np.sort(np.random.default_rng(seed).choice(len(labels), min(rows, len(labels)), replace=False))
    return matrix(path, encoding, chosen), labels[chosen]
