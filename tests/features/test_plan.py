from dataclasses import replace

import numpy as np
import pytest

from willbuy.features import kernel
from willbuy.features.definitions import FEATURES, NAMES
from willbuy.features.feature import EVENTS, Formula, Quantity
from willbuy.features.plan import compile_plan
from willbuy.schema import EVENT_TYPES

BY_NAME = dict(zip(NAMES, FEATURES, strict=True))


def test_event_codes_follow_the_schema():
    assert list(EVENTS.values()) == list(EVENT_TYPES)
    assert [kernel.Measure[name.upper()] for name in EVENTS] == list(range(len(EVENT_TYPES)))


def test_every_feature_is_written_exactly_once():
    plan = compile_plan(FEATURES)
    written = np.concatenate([plan.copies["feature"], plan.ratios["feature"]])
    assert sorted(written) == list(range(len(FEATURES)))


def test_the_way_to_an_item_is_followed_only_if_asked_for():
    plain, way = (compile_plan([BY_NAME[name]]) for name in ("view_count_7d", "user_item_events_since_last"))
    assert (plain.journey, plain.visits, plain.logs) == (False, False, False)
    assert (way.journey, way.visits, way.logs) == (True, True, False)


def test_only_what_is_needed_is_kept():
    plan = compile_plan([BY_NAME["view_count_7d"], BY_NAME["session_seconds"]])
    assert list(plan.columns) == [2, 1]  # with the time: the user's ledger, and that of items and categories
    assert (plan.slot >= 0).sum() == 1 and len(plan.read_column) == 1
    assert not len(plan.age) and not len(plan.different) and not len(plan.days)


def test_each_window_reads_its_own_columns():
    plan = compile_plan([BY_NAME["view_count_7d"], BY_NAME["cart_count_1h"], BY_NAME["user_item_view_count_1h"]])
    assert plan.read_start.tolist() == [[0, 1, 1, 2, 2, 2], [2, 3, 3, 3, 3, 3], [3] * 6]
    columns = [
        plan.slot[k, m] for k, m in ((0, kernel.Measure.CART), (0, kernel.Measure.VIEW), (1, kernel.Measure.VIEW))
    ]
    assert plan.read_column.tolist() == columns


def test_how_many_different_is_counted_by_kind_and_window():
    plan = compile_plan([BY_NAME["distinct_items_7d"], BY_NAME["session_category_count"]])
    assert plan.different.tolist() == [(0, 2), (2, 4)]


@pytest.mark.parametrize(
    "quantity",
    [
        Quantity("user", "hover", "7d"),
        Quantity("user", "view", "8d"),
        Quantity("user_item", "since_first", "ever"),
        Quantity("item", "scroll", "7d"),
        Quantity("user", "last_points", "30d"),
        Quantity("user_item", "in_cart", "7d"),
        Quantity("item", "view", "1h"),
        Quantity("shop", "view", "7d"),
    ],
)
def test_a_quantity_the_kernel_does_not_keep_is_named_with_its_feature(quantity):
    unknown = replace(BY_NAME["view_count_7d"], formula=Formula((quantity,)))
    with pytest.raises(ValueError, match=rf"view_count_7d.*{quantity.measure}.*{quantity.window}"):
        compile_plan([unknown])
