import pandas as pd
import pyarrow as pa
import pytest

from willbuy.evaluation.truth import true_probabilities
from willbuy.files import write_table
from willbuy.schema import TRUTH


@pytest.fixture
def truth(tmp_path):
    rows = [("a", "x", 1, "view", 0.1), ("a", "x", 2, "view", 0.2), ("a", "x", 2, "add_to_cart", 0.3)]
    columns = [pa.array(c, f.type) for c, f in zip(zip(*rows, strict=True), TRUTH.arrow, strict=True)]
    write_table(pa.table(columns, schema=TRUTH.arrow), tmp_path / "truth.parquet")
    return tmp_path / "truth.parquet"


def rows(*keys):
    frame = pd.DataFrame(keys, columns=["user_id", "item_id", "timestamp", "event_type"])
    return frame.assign(timestamp=pd.to_datetime(frame.timestamp, unit="us", utc=True))


def test_each_row_gets_its_own_truth_in_its_own_order(truth):
    wanted = rows(("a", "x", 2, "add_to_cart"), ("a", "x", 2, "view"))
    assert true_probabilities(truth, wanted).tolist() == [0.3, 0.2]


def test_a_row_without_a_truth_is_named(truth):
    with pytest.raises(ValueError, match=r"no row for .*'item_id': 'y'"):
        true_probabilities(truth, rows(("a", "x", 1, "view"), ("a", "y", 1, "view")))
