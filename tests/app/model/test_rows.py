import json

import msgspec
import numpy as np
import pandas as pd
import pytest
import small_model
from hypothesis import given, settings
from hypothesis import strategies as st

from app.http.fields import MOST_ROWS
from app.model.rows import Rows

ROWS = Rows(small_model.NAMES, small_model.ENCODING.levels)
FLOAT32 = st.floats(-3.4028234e38, 3.4028234e38, allow_nan=False)


def decoded(*rows):
    return ROWS.reader.decode(json.dumps({"features": rows}).encode()).features


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([n for n in small_model.NAMES if n != "item_category"]), FLOAT32 | st.none()),
    st.sampled_from([*small_model.LEVELS, None]),
)
def test_the_matrix_is_the_pipelines(row, category):
    row["item_category"] = category
    table = pd.DataFrame([{name: row.get(name) for name in small_model.NAMES}]).astype(
        {name: "float64" for name in small_model.NAMES if name != "item_category"} | {"item_category": "string"}
    )
    assert np.array_equal(ROWS.matrix(decoded(row)), small_model.ENCODING.matrix(table), equal_nan=True)


def test_what_is_left_out_or_null_is_missing_and_never_zero():
    matrix = ROWS.matrix(decoded({}, {"view_count_7d": None}, {"view_count_7d": 0}))
    column = small_model.NAMES.index("view_count_7d")
    assert np.isnan(matrix[:2]).all()
    assert matrix[2, column] == 0 and np.isnan(np.delete(matrix[2], column)).all()


def test_a_number_beyond_float32_is_refused_and_one_too_small_becomes_zero():
    with pytest.raises(msgspec.ValidationError):
        decoded({"item_price": 3.5e38})
    assert ROWS.matrix(decoded({"item_price": 1e-50}))[0, small_model.NAMES.index("item_price")] == 0


@pytest.mark.parametrize("count", [0, MOST_ROWS + 1])
def test_no_rows_and_too_many_rows_are_refused(count):
    with pytest.raises(msgspec.ValidationError):
        decoded(*[{}] * count)


def test_the_matrix_can_be_written_to_so_that_numba_compiles_one_kernel():
    assert ROWS.matrix(decoded({})).flags.writeable
