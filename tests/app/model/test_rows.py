import json

import msgspec
import numpy as np
import pandas as pd
import pytest
import small_model
from hypothesis import given, settings
from hypothesis import strategies as st

from app.http.fields import MOST_ROWS
from app.model.rows import Column, Rows
from willbuy.features.definitions import FEATURES

COLUMNS = [Column(f.name, "", f.unit, f.description, f.nullable, f.minimum) for f in FEATURES]
NEVER_NULL = [c.name for c in COLUMNS if not c.nullable]
ROWS = Rows(COLUMNS, small_model.ENCODING.levels)
FLOAT32 = st.floats(-3.4028234e38, 3.4028234e38, allow_nan=False)
FROM_0 = st.floats(0, 3.4028234e38, allow_nan=False)
VALUES = {c.name: (FLOAT32 if c.minimum is None else FROM_0) | st.none() for c in COLUMNS if c.name != "item_category"}


def decoded(*rows):
    return ROWS.reader.decode(json.dumps({"features": rows}).encode()).features


@pytest.mark.slow
@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=VALUES), st.sampled_from([*small_model.LEVELS, None]))
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


SIGNED = {  # discounts, where a price is above the base price, and differences
    "item_discount_pct",
    "discount_vs_viewed_30d",
    "user_item_discount_at_last",
    "user_item_discount_at_first",
    "user_item_dwell_log_vs_user_30d",
    "user_item_last_dwell_log_vs_user",
    "user_item_largest_dwell_log_vs_user",
    "price_log_vs_viewed_30d",
    "user_category_price_log_vs_viewed_30d",
}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda c: c.name)
def test_what_cannot_be_below_0_is_refused_there_and_nothing_else(column):
    if column.name == "item_category":
        return
    decoded({column.name: 0}, {column.name: -0.0})
    if column.name in SIGNED:
        assert decoded({column.name: -1})
    else:
        with pytest.raises(msgspec.ValidationError, match=">= 0"):
            decoded({column.name: -1})


def test_missing_is_what_training_always_had_and_the_row_lacks():
    whole = dict.fromkeys(NEVER_NULL, 0)
    without = [name for name in NEVER_NULL if name not in ("hour", "view_count_7d")]
    rows = [whole, dict.fromkeys(without, 0), {}, whole | {"hour": None}]
    found = ROWS.missing(ROWS.matrix(decoded(*rows)))
    assert found == {1: ["view_count_7d", "hour"], 2: NEVER_NULL, 3: ["hour"]}


def test_of_an_older_card_nothing_is_known():
    rows = Rows([Column("view_count_7d", "number", "count", "")], {})
    matrix = rows.matrix(rows.reader.decode(b'{"features": [{"view_count_7d": -1}, {}]}').features)
    assert matrix[0, 0] == -1 and rows.missing(matrix) == {}
