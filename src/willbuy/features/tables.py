"""Features over tables: a log and its decision points in, one row of features a decision point out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from willbuy.features import kernel
from willbuy.features.buckets import read_buckets
from willbuy.features.catalogue import read_items
from willbuy.features.coding import Items, code
from willbuy.features.definitions import FEATURES
from willbuy.features.pieces import pieces
from willbuy.features.plan import compile_plan
from willbuy.files import ROW_GROUP, parquet_writer
from willbuy.schema import EXAMPLES

TYPES = {"int8": pa.int8(), "int32": pa.int32(), "float64": pa.float64(), "string": pa.string()}
SCHEMA = pa.schema([*EXAMPLES.arrow, *(pa.field(f.name, TYPES[f.dtype], f.nullable) for f in FEATURES)])
REPEATING = [field.name for field in SCHEMA if field.type != pa.float64() and field.name != "example_id"]
CHUNK = 16_384  # decision points in one call of the kernel: its output stays in the processor's cache


def featurize(
    sessions_path: str | Path,
    items_path: str | Path,
    examples_path: str | Path,
    features_path: str | Path,
    *,
    session_gap_minutes: float,
    bucket_events: int = 1_000_000,
    memory_limit: str = "4GB",
    threads: int = 2,
) -> None:
    """Write the decision points of `examples_path`, in their order, with every feature of definitions.FEATURES.

    The log and the decision points are read once, `bucket_events` events of whole users at a time, so memory is
    bounded by the bucket. The result depends neither on the bucketing nor on `threads`. `memory_limit` is DuckDB's,
    which tallies the items. Raises ValueError where the tables do not fit together; nothing is written then.
    """
    items = read_items(sessions_path, items_path, Path(features_path).parent, memory_limit, threads)
    total = pq.ParquetFile(examples_path).metadata.num_rows
    gap_us = round(session_gap_minutes * 60_000_000)
    shown = {"desc": Path(features_path).stem, "unit": " rows", "unit_scale": True, "mininterval": 10, "delay": 10}
    with (
        ThreadPoolExecutor(threads) as pool,
        parquet_writer(features_path, SCHEMA, dictionary=REPEATING) as writer,
        tqdm(total=total, **shown) as progress,
    ):
        chunks = _chunks(read_buckets(sessions_path, examples_path, bucket_events), items, gap_us)
        for table in _row_groups(_in_order(pool, threads, chunks)):
            writer.write_table(table, row_group_size=ROW_GROUP)
            progress.update(len(table))


def _chunks(buckets, items: Items, gap_us: int) -> Iterator[Callable[[], pa.Table]]:
    """The work of every bucket, cut at users into pieces of about CHUNK decision points."""
    plan = compile_plan(FEATURES)
    for bucket in buckets:
        for log, decisions in pieces(*code(bucket, items), CHUNK):
            yield partial(_features, bucket.examples, log, decisions, items, plan, gap_us)


def _features(examples, log, decisions, items: Items, plan, gap_us) -> pa.Table:
    """The finished rows of a piece of a bucket."""
    begin, end = int(decisions.start[0]), int(decisions.start[-1])
    out = np.empty((len(FEATURES), end - begin))
    kernel.compute(log, decisions, items.catalogue, plan, gap_us, out)
    columns = [_column(out[n], feature, items) for n, feature in enumerate(FEATURES)]
    rows = examples.slice(begin, end - begin).cast(EXAMPLES.arrow)
    return pa.Table.from_arrays([*rows.columns, *columns], schema=SCHEMA)


def _column(values: np.ndarray, feature, items: Items) -> pa.Array:
    if feature.dtype == "string":
        return items.categories.take(pa.array(values, from_pandas=True).cast(pa.int32()))
    if feature.nullable:
        return pa.array(values, from_pandas=True).cast(TYPES[feature.dtype])
    return pa.array(values.astype(feature.dtype))


def _in_order(pool: ThreadPoolExecutor, ahead: int, work: Iterable[Callable[[], pa.Table]]) -> Iterator[pa.Table]:
    """Results in order, with no more than `ahead` pieces of work under way beside the one that is awaited."""
    pending = deque()
    for piece in work:
        pending.append(pool.submit(piece))
        if len(pending) > ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of ROW_GROUP rows, the last one shorter."""
    rest = SCHEMA.empty_table()
    for table in tables:
        rest = pa.concat_tables([rest, table])
        while len(rest) >= ROW_GROUP:
            yield rest.slice(0, ROW_GROUP)
            rest = rest.slice(ROW_GROUP)
    if len(rest):
        yield rest
