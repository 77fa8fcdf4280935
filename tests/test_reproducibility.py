"""Two builds far apart, in time, place and machine, give the same values in every table, and the same model."""

import json

import pytest

pytestmark = pytest.mark.slow


def test_another_world_gives_the_same_tables_byte_for_byte(elsewhere, sample):
    """Another date, time zone, locale, hash seed, executor, number of threads, memory limit and size of a bucket."""
    assert _built_at(elsewhere) - _built_at(sample) > 399 * 86_400, "the clock was not shifted"
    assert elsewhere.tables().keys() == sample.tables().keys()
    for name, path in sample.tables().items():
        assert path.read_bytes() == (elsewhere.products / name).read_bytes(), name


@pytest.mark.parametrize("file", ["model.ubj", "trees.npz", "baselines.json"])
def test_another_world_gives_the_same_model_byte_for_byte(elsewhere, sample, file):
    assert _of_model(elsewhere, file) == _of_model(sample, file)


def _built_at(project) -> float:
    return json.loads((project.products / ".events.parquet.metadata").read_text())["timestamp"]


def _of_model(project, file) -> bytes:
    (found,) = project.products.glob(f"models/xgboost_*/{file}")
    return found.read_bytes()
