import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from willbuy.files import write_table
from willbuy.models.encoding import Encoding, stream

TABLE = pa.table(
    {
        "user_id": ["a", "b", "c"],
        "views": pa.array([1, None, 3], pa.int32()),
        "hours": pa.array([0.1, float("nan"), None], pa.float64()),
        "empty": pa.array([None, None, None], pa.float64()),
        "item_category": pa.array(["Music", None, "Books"], pa.string()),
    }
)
NAMES = ("views", "hours", "empty", "item_category")


@pytest.fixture
def path(tmp_path):
    write_table(TABLE, tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


@pytest.fixture
def encoding(path):
    return Encoding.fit(path, NAMES)


def test_a_column_without_values_is_left_out_and_levels_are_sorted(encoding):
    assert encoding == Encoding(("views", "hours", "item_category"), {"item_category": ("Books", "Music")})
    assert encoding.types == ["q", "q", "c"]


def test_nulls_become_nan_and_levels_their_codes(encoding):
    expected = np.array([[1, 0.1, 1], [np.nan, np.nan, np.nan], [3, np.nan, 0]], dtype=np.float32)
    matrix = encoding.matrix(TABLE)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, expected)


def test_arrow_and_pandas_give_the_same_matrix(encoding):
    expected = encoding.matrix(TABLE)
    np.testing.assert_array_equal(encoding.matrix(TABLE.to_pandas()), expected)
    np.testing.assert_array_equal(encoding.matrix(TABLE.to_pandas().astype({"item_category": "category"})), expected)
    np.testing.assert_array_equal(encoding.matrix(TABLE.to_batches()[0]), expected)


def test_a_level_that_train_never_saw_is_missing(encoding):
    rows = pd.DataFrame({"views": [1], "hours": [2.0], "item_category": ["Garden"]})
    assert np.isnan(encoding.matrix(rows)[0, 2])


def test_columns_full_of_none_are_missing(encoding):
    rows = pd.DataFrame({"views": [None], "hours": [None], "item_category": [None]})
    assert np.isnan(encoding.matrix(rows)).all()


def test_a_missing_column_is_named(encoding, path):
    with pytest.raises(KeyError, match="no column hours"):
        encoding.matrix(TABLE.drop_columns(["hours"]))
    with pytest.raises(KeyError, match="no column clicks"):
        Encoding.fit(path, [*NAMES, "clicks"])


def test_the_stream_holds_every_row_once(path):
    assert sum(len(batch) for batch in stream(path, ["user_id"])) == 3
