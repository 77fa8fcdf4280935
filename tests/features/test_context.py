import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from features.histories import HOUR, features_of, write_log

from willbuy.features import context
from willbuy.features.definitions import FEATURES
from willbuy.files import write_table

CHANNELS = ["search", None, "email"]


@pytest.fixture
def folder(tmp_path):
    event = {"user_id": "u", "item_id": "i", "event_type": "view", "price": None, "duration_seconds": None}
    write_log([{**event, "timestamp": n * HOUR} for n in range(3)], {}, tmp_path)
    examples = pq.read_table(tmp_path / "examples.parquet").append_column("context_channel", pa.array(CHANNELS))
    write_table(examples, tmp_path / "examples.parquet")
    return tmp_path


def test_a_decision_point_carries_its_own_context_to_its_features(folder):
    found = features_of(folder)
    assert found["context_channel"].to_pylist() == CHANNELS
    assert found["view_count_30d"].to_pylist() == [0, 1, 2]


def test_the_features_of_a_file_are_those_computed_and_its_contexts(folder):
    features_of(folder)
    *computed, channel = context.known_in(folder / "features.parquet")
    assert tuple(computed) == FEATURES
    assert (channel.name, channel.family, channel.dtype, channel.window) == (
        "context_channel", "context", "string", "at t",
    )  # fmt: skip
    assert channel.nullable and channel.minimum is None


def test_a_context_without_nulls_is_always_known(tmp_path):
    table = pa.table({"context_a": ["x", "y"], "context_b": ["x", None], "other": ["x", "y"]})
    write_table(table, tmp_path / "features.parquet")
    assert context.always_known(tmp_path / "features.parquet") == ["context_a"]
