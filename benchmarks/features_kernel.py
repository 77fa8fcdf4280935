"""The columns by the kernel, through the same reading and coding that `featurize` does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from features_data import COLUMNS

from willbuy.features import kernel
from willbuy.features.buckets import read_buckets
from willbuy.features.catalogue import Items
from willbuy.features.coding import code
from willbuy.features.definitions import FEATURES
from willbuy.features.plan import compile_plan
from willbuy.features.tables import cuts

BUCKET_EVENTS, GAP_US, THREADS = 1_000_000, 1_800_000_000, 2


def compute(folder: Path) -> dict[str, np.ndarray]:
    """Every column of COLUMNS, one value a decision point in the order of the log, NaN for null."""
    by_name = {f.name: f for f in FEATURES}
    plan = compile_plan([by_name[name] for name in COLUMNS])
    found = np.empty((len(COLUMNS), pq.read_metadata(folder / "examples.parquet").num_rows))
    items = _items(folder)
    with ThreadPoolExecutor(THREADS) as pool:
        row = 0
        for bucket in read_buckets(folder / "sessions.parquet", folder / "examples.parquet", BUCKET_EVENTS):
            log, decisions = code(bucket, items)
            out = found[:, row : row + len(decisions.points)]
            list(pool.map(lambda piece, out=out: _run(*piece, items.catalogue, plan, out), _pieces(log, decisions)))
            row += len(decisions.points)
    return dict(zip(COLUMNS, found, strict=True))


def _pieces(log: kernel.Log, decisions: kernel.Decisions) -> Iterator[tuple[kernel.Log, kernel.Decisions]]:
    for first, last in cuts(decisions.start):
        users = slice(first, last + 1)
        yield (
            kernel.Log(log.start[users], log.events, log.ever[first:last]),
            kernel.Decisions(decisions.start[users], decisions.points),
        )


def _run(log, decisions, catalogue, plan, out) -> None:
    begin, end = decisions.start[0], decisions.start[-1]
    piece = np.empty((len(out), end - begin))
    kernel.compute(log, decisions, catalogue, plan, GAP_US, piece)
    out[:, begin:end] = piece


def _items(folder: Path) -> Items:
    """The catalogue without daily tallies, which none of the columns needs."""
    table = pq.read_table(folder / "items.parquet").sort_by("item_id")
    categories = table["category"].combine_chunks().dictionary_encode()
    items = np.zeros(len(table), kernel.ITEM_RECORD)
    items["base_price"], items["category"] = np.nan, categories.indices.to_numpy()
    tallies = np.zeros(1, kernel.TALLY_RECORD)
    return Items(table["item_id"].combine_chunks(), categories.dictionary, kernel.Catalogue(items, tallies))
