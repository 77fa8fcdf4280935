import numpy as np
import pyarrow as pa
import pytest
from features.histories import DAY, MINUTE, write_log

from willbuy.features.catalogue import read_items
from willbuy.files import write_table
from willbuy.schema import ITEMS

ITEMS_OF = {
    "b": {"category": "Sports", "base_price": 2.5},
    "a": {"category": "Books", "base_price": None},
    "never_seen": {"category": "Toys", "base_price": 1.0},
}


def event(item_id, event_type, moment):
    return {"user_id": "u", "item_id": item_id, "event_type": event_type, "timestamp": moment}


LOG = [
    event("b", "view", -1),
    event("b", "view", 0),
    event("b", "purchase", 3 * DAY),
    event("b", "scroll", 5 * DAY + MINUTE),
    event("unlisted", "add_to_cart", DAY - 1),
]


def read(folder):
    log = [{**e, "price": None, "duration_seconds": None} for e in LOG]
    write_log(log, ITEMS_OF, folder)
    return read_items(folder / "sessions.parquet", folder / "items.parquet", folder)


def test_the_items_of_the_log_carry_what_the_items_table_says(tmp_path):
    items = read(tmp_path)
    assert items.ids.to_pylist() == ["b", "unlisted"]
    assert items.categories.to_pylist() == ["Sports"]
    assert items.catalogue.items["category"].tolist() == [0, -1]
    np.testing.assert_array_equal(items.catalogue.items["base_price"], [2.5, np.nan])


def test_tallies_are_running_sums_over_the_days_that_saw_events_also_before_1970(tmp_path):
    items = read(tmp_path).catalogue
    assert items.tallies["day"][:-1].tolist() == [-1, 0, 3, 5, 0]
    views, carts, purchases = items.tallies["counts"].T.tolist()
    assert views == [0, 1, 2, 2, 2, 2]
    assert carts == [0, 0, 0, 0, 0, 1]
    assert purchases == [0, 0, 0, 1, 1, 1]
    assert items.items[["start", "stop"]].tolist() == [(0, 4), (4, 5)]


def test_an_item_that_is_listed_twice_is_refused(tmp_path):
    read(tmp_path)
    twice = [{"item_id": "b", "category": c, "base_price": 1.0} for c in ("Books", "Sports")]
    write_table(pa.Table.from_pylist(twice, ITEMS.arrow), tmp_path / "items.parquet")
    with pytest.raises(ValueError, match="items.parquet.*more than once"):
        read_items(tmp_path / "sessions.parquet", tmp_path / "items.parquet", tmp_path)
