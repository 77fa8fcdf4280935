"""The same features whatever the bucketing, the order of the input's rows, and the number of threads."""

from random import Random

import numpy as np
import pyarrow.parquet as pq
import pytest
from features.histories import CATALOGUES, features_of, histories, write_log
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import limited

from willbuy.features import buckets, pieces, tables
from willbuy.files import write_table

USERS = tuple(f"u{n}" for n in range(12))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("invariance")


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    log=histories(most=30, users=USERS),
    items=CATALOGUES,
    bucket_events=st.integers(1, 12),
    batch=st.integers(1, 9),
    order=st.integers(0, 99),
)
def test_neither_bucketing_nor_the_order_of_rows_matters(log, items, bucket_events, batch, order, folder):
    write_log(log, items, folder)
    whole = features_of(folder)
    Random(order).shuffle(log)
    write_log(log, items, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "ROW_GROUP", batch)
        assert features_of(folder, bucket_events=bucket_events) == whole


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize(("bucket_events", "chunk"), [(1, 1), (700, 90), (10**6, 500)])
def test_neither_threads_nor_the_size_of_the_work_matters(shop, monkeypatch, threads, bucket_events, chunk):
    folder, whole = shop
    monkeypatch.setattr(pieces, "CHUNK", chunk)
    assert features_of(folder, bucket_events=bucket_events, threads=threads) == whole


def test_decision_points_in_several_files_are_what_they_are_in_one(shop, tmp_path, monkeypatch):
    folder, whole = shop
    examples = pq.read_table(folder / "examples.parquet")
    monkeypatch.setattr(pieces, "CHUNK", 100)
    rows = np.arange(len(examples))
    parts = {"early": rows % 3 == 0, "none": rows < 0, "late": rows % 3 != 0}
    for name, chosen in parts.items():
        write_table(examples.filter(chosen), tmp_path / f"{name}.parquet")
    paths = {tmp_path / f"{name}.parquet": tmp_path / f"{name}_features.parquet" for name in parts}
    log = (folder / "sessions.parquet", folder / "items.parquet")
    with limited(bucket_events=700):
        tables.featurize(*log, paths, session_gap_minutes=30)
    for name, chosen in parts.items():
        assert pq.read_table(tmp_path / f"{name}_features.parquet") == whole.filter(chosen)


def test_row_groups_are_full_whatever_the_work_was(shop, monkeypatch):
    folder, whole = shop
    monkeypatch.setattr(pieces, "CHUNK", 300)
    monkeypatch.setattr(tables, "ROW_GROUP", 1000)
    assert features_of(folder) == whole
    metadata = pq.read_metadata(folder / "features.parquet")
    sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert sizes[:-1] == [1000] * (len(whole) // 1000)
