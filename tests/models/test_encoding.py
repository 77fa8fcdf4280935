import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willbuy.files import write_table
from willbuy.models.encoding import RARE, Encoding, stream
from willbuy.schema import OTHER

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


CHANNELS = {"search": RARE, "direct": RARE + 1, "tv": RARE - 1, "other": 2 * RARE, None: 3}


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    path = tmp_path_factory.mktemp("context") / "features.parquet"
    texts = [text for text, count in CHANNELS.items() for _ in range(count)]
    write_table(pa.table({"context_channel": pa.array(texts, pa.string())}), path)
    return Encoding.fit(path, ["context_channel"])


def codes(encoding, texts):
    return encoding.matrix(pa.table({"context_channel": pa.array(texts, pa.string())}))[:, 0].tolist()


def test_what_is_rare_in_a_context_and_what_is_called_other_is_other(channels):
    assert channels.levels == {"context_channel": ("direct", "search", OTHER)}
    assert codes(channels, ["direct", "search", "tv", "other"]) == [0, 1, 2, 2]


@given(texts=st.lists(st.text() | st.sampled_from(["direct", "search", "tv"]) | st.none(), max_size=5))
def test_any_text_of_a_context_has_a_code_and_null_has_none(channels, texts):
    known = {"direct": 0, "search": 1}
    expected = [np.nan if text is None else known.get(text, 2) for text in texts]
    np.testing.assert_array_equal(codes(channels, texts), expected)
