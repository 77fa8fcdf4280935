import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from features.histories import MINUTE, features_of, write_log

from willbuy.files import write_table

ITEMS = {"i1": {"category": "Books", "base_price": 20.0}}


def event(user_id, moment, **other):
    row = {"user_id": user_id, "item_id": "i1", "event_type": "view", "timestamp": moment, "price": 10.0}
    return {**row, "duration_seconds": 1.0, **other}


@pytest.fixture
def folder(tmp_path):
    write_log([event("a", 0), event("a", MINUTE), event("b", 0), event("b", 2 * MINUTE)], ITEMS, tmp_path)
    return tmp_path


def rewrite(path, change):
    write_table(change(pq.read_table(path)), path)


def refused(folder, message):
    with pytest.raises(ValueError, match=message):
        features_of(folder)
    assert not (folder / "features.parquet").exists()
    assert not list(folder.glob("*.tmp"))


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([1, 0, 2, 3], "out of time order within a user, first at row 1 of the bucket.*run sessionize"),
        ([2, 3, 0, 1], "users out of order, first at row 2 of the bucket"),
        ([0, 2, 1, 3], "users out of order"),
    ],
)
def test_a_log_out_of_order_is_refused_and_nothing_is_written(folder, order, message):
    rewrite(folder / "sessions.parquet", lambda table: table.take(order))
    refused(folder, message)


def test_decision_points_out_of_order_are_refused(folder):
    rewrite(folder / "examples.parquet", lambda table: table.take([1, 0, 2, 3]))
    refused(folder, "not events of sessions.parquet, in the same order, first at row 1")


def test_a_decision_point_that_is_no_event_is_refused(folder):
    rewrite(folder / "sessions.parquet", lambda table: table.take([0, 1, 2]))
    refused(folder, "not events of sessions.parquet, in the same order, first at row 3")


@pytest.mark.parametrize("column", ["price", "duration_seconds"])
def test_a_number_too_large_to_sum_exactly_is_refused(folder, column):
    def change(table):
        return table.set_column(table.schema.get_field_index(column), column, pa.array([1.0, 2.0, 3.0, 2e9]))

    rewrite(folder / "sessions.parquet", change)
    refused(folder, "prices or durations above 1000000000, first at row 3")


def test_duplicate_decision_points_carry_their_own_prices_in_order(tmp_path):
    copies = [event("a", 0, price=p) for p in (3.0, None, 1.0)]
    write_log(copies, ITEMS, tmp_path)
    np.testing.assert_array_equal(features_of(tmp_path)["item_price"].to_numpy(), [1.0, 3.0, np.nan])
