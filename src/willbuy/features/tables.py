"""Features over tables: a log and its decision points in, one row of features a decision point out."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from willbuy import machine
from willbuy.clock import minutes_us
from willbuy.features import kernel
from willbuy.features.buckets import Bucket, read_buckets
from willbuy.features.catalogue import read_items
from willbuy.features.coding import Items, code
from willbuy.features.context import known
from willbuy.features.definitions import FEATURES
from willbuy.features.pieces import pieces
from willbuy.features.plan import compile_plan
from willbuy.files import ROW_GROUP, parquet_writer
from willbuy.schema import DECISIONS, contexts

TYPES = {"int8": pa.int8(), "int32": pa.int32(), "float64": pa.float64(), "string": pa.string()}


def featurize(
    sessions_path: str | Path,
    items_path: str | Path,
    features_paths: Mapping[str | Path, str | Path],
    *,
    session_gap_minutes: float,
) -> None:
    """Write the decision points of some files, in their order, with every feature of definitions.FEATURES and contexts.

    `features_paths` says for each file of decision points where its features go. The log is read once, a bucket of
    whole users at a time (`machine.bucket_events`), which bounds the memory. The result depends neither on the
    bucketing nor on threads. Raises ValueError where the tables do not fit together; nothing is written then.
    """
    decisions, features = list(features_paths), list(features_paths.values())
    items = read_items(sessions_path, items_path, Path(features[0]).parent)
    columns = schema(pq.read_schema(decisions[0]).names)
    total = sum(pq.read_metadata(path).num_rows for path in decisions)
    gap_us = minutes_us(session_gap_minutes)
    shown = {"desc": "features", "unit": " rows", "unit_scale": True, "mininterval": 10, "delay": 10}
    threads = machine.threads()
    with (
        ThreadPoolExecutor(threads) as pool,
        _writers(features, columns) as write,
        tqdm(total=total, **shown) as progress,
    ):
        buckets = read_buckets(sessions_path, decisions, machine.bucket_events())
        work = _work(buckets, columns, items, gap_us)
        for tables in _in_order(pool, threads, work):
            write(tables)
            progress.update(sum(map(len, tables)))


def schema(names: Iterable[str]) -> pa.Schema:
    """The columns of a features file whose decision points have the columns `names`."""
    return pa.schema([*DECISIONS.arrow, *(pa.field(f.name, TYPES[f.dtype], f.nullable) for f in known(names))])


def _work(
    buckets: Iterable[Bucket], columns: pa.Schema, items: Items, gap_us: int
) -> Iterator[Callable[[], list[pa.Table]]]:
    """The work of every bucket, cut at users into pieces."""
    plan = compile_plan(FEATURES)
    for bucket in buckets:
        for log, decisions in pieces(*code(bucket, items)):
            yield partial(_tables, bucket.decisions, log, decisions, columns, items, plan, gap_us)


def _tables(tables: list[pa.Table], log, decisions, columns, items: Items, plan, gap_us) -> list[pa.Table]:
    return [_features(*pair, log, columns, items, plan, gap_us) for pair in zip(tables, decisions, strict=True)]


def _features(table: pa.Table, decisions, log, columns: pa.Schema, items: Items, plan, gap_us) -> pa.Table:
    """The finished rows of a piece of a bucket."""
    begin, end = int(decisions.start[0]), int(decisions.start[-1])
    out = np.empty((len(FEATURES), end - begin))
    kernel.compute(log, decisions, items.catalogue, plan, gap_us, out)
    computed = [_column(out[n], feature, items) for n, feature in enumerate(FEATURES)]
    rows = table.slice(begin, end - begin)
    known, carried = (rows.select(names) for names in (DECISIONS.arrow.names, contexts(columns.names)))
    arrays = [*known.cast(DECISIONS.arrow).columns, *computed, *carried.columns]
    return pa.Table.from_arrays(arrays, schema=columns)


def _column(values: np.ndarray, feature, items: Items) -> pa.Array:
    if feature.dtype == "string":
        return items.categories.take(pa.array(values, from_pandas=True).cast(pa.int32()))
    if feature.nullable:
        return pa.array(values, from_pandas=True).cast(TYPES[feature.dtype])
    return pa.array(values.astype(feature.dtype))


def _in_order(pool: ThreadPoolExecutor, ahead: int, work: Iterable[Callable]) -> Iterator:
    """Results in order, with no more than `ahead` pieces of work under way beside the one that is awaited."""
    pending = deque()
    for piece in work:
        pending.append(pool.submit(piece))
        if len(pending) > ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


@contextmanager
def _writers(paths: list[str | Path], columns: pa.Schema) -> Iterator[Callable[[list[pa.Table]], None]]:
    """Yields what appends a table to each of `paths`, in row groups of ROW_GROUP rows, the last one shorter."""
    repeating = [field.name for field in columns if field.type != pa.float64() and field.name != "example_id"]
    with ExitStack() as stack:
        writers = [stack.enter_context(parquet_writer(path, columns, dictionary=repeating)) for path in paths]
        rest = [columns.empty_table()] * len(paths)

        def write(tables: list[pa.Table]) -> None:
            for n, table in enumerate(tables):
                rest[n] = pa.concat_tables([rest[n], table])
                whole = len(rest[n]) // ROW_GROUP * ROW_GROUP
                if whole:
                    writers[n].write_table(rest[n].slice(0, whole), row_group_size=ROW_GROUP)
                    rest[n] = rest[n].slice(whole)

        yield write
        for writer, table in zip(writers, rest, strict=True):
            if len(table):
                writer.write_table(table, row_group_size=ROW_GROUP)
