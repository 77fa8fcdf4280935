"""The engines of `make bench-features` answer the same question, and answer it as `featurize` does."""

import importlib
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from willbuy.features.tables import featurize
from willbuy.schema import DECISIONS

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def data(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("features_data")


def columns(engine: str, folder: Path) -> dict[str, np.ndarray]:
    blocks = defaultdict(list)
    for block in importlib.import_module(f"features_{engine}").compute(folder):
        for name, values in block.items():
            blocks[name].append(values)
    return {name: np.concatenate(values) for name, values in blocks.items()}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_engines_agree_to_the_bit(engine, data, tmp_path):
    if engine == "polars":
        pytest.importorskip("polars", reason="Polars comes with the `bench` extra only")
    data.write_log(tmp_path, 4000, seed=5)
    expected, found = columns("kernel", tmp_path), columns(engine, tmp_path)
    assert set(found) == set(expected) == set(data.COLUMNS)
    for name in data.COLUMNS:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def test_the_kernel_of_the_benchmark_is_that_of_featurize(data, tmp_path):
    data.write_log(tmp_path, 4000, seed=5)
    expected = columns("kernel", tmp_path)
    examples = pq.read_table(tmp_path / "examples.parquet")
    for name in ("example_id", "session_id"):
        examples = examples.append_column(name, examples["user_id"])
    examples = examples.append_column("label", [[0] * len(examples)])
    pq.write_table(examples.select(DECISIONS.arrow.names).cast(DECISIONS.arrow), tmp_path / "asked.parquet")
    sessions, items, asked, answer = (tmp_path / f"{name}.parquet" for name in ("sessions", "items", "asked", "found"))
    featurize(sessions, items, {asked: answer}, session_gap_minutes=30)
    found = pq.read_table(answer)
    for name in data.COLUMNS:
        np.testing.assert_array_equal(found[name].cast("float64").to_numpy(), expected[name], err_msg=name)
