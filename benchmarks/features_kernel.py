"""The columns by the kernel, through the same reading and coding that `featurize` does: a block a run of users."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from features_data import COLUMNS

from willbuy.features import kernel
from willbuy.features.buckets import read_buckets
from willbuy.features.coding import Items, code
from willbuy.features.definitions import FEATURES
from willbuy.features.pieces import pieces
from willbuy.features.plan import compile_plan

BUCKET_EVENTS, GAP_US = 250_000, 1_800_000_000


def compute(folder: Path) -> Iterator[dict[str, np.ndarray]]:
    """Every column of COLUMNS, one value a decision point in the order of the log, NaN for null."""
    by_name = {f.name: f for f in FEATURES}
    plan = compile_plan([by_name[name] for name in COLUMNS])
    items = _items(folder)
    for bucket in read_buckets(folder / "sessions.parquet", [folder / "examples.parquet"], BUCKET_EVENTS):
        for log, (decisions,) in pieces(*code(bucket, items)):
            found = np.empty((len(COLUMNS), decisions.start[-1] - decisions.start[0]))
            kernel.compute(log, decisions, items.catalogue, plan, GAP_US, found)
            yield dict(zip(COLUMNS, found, strict=True))


def _items(folder: Path) -> Items:
    """The catalogue without daily tallies, which none of the columns needs."""
    table = pq.ParquetFile(folder / "items.parquet").read()
    categories = table["category"].combine_chunks().dictionary_encode()
    items = np.zeros(len(table), kernel.ITEM_RECORD)
    items["base_price"], items["category"] = np.nan, categories.indices.to_numpy()
    tallies = np.zeros(1, kernel.TALLY_RECORD)
    return Items(table["item_id"].combine_chunks(), categories.dictionary, kernel.Catalogue(items, tallies))
