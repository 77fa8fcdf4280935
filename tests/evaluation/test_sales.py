import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import moments

from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.sales import NONE, Sales, found, read_purchases, summary, top
from willbuy.files import write_table
from willbuy.schema import EVENTS

HORIZON = 40
HOUR = 3_600_000_000


def decided(rows: list[tuple], purchases: list[tuple], horizon: int = HORIZON, lead: int = 0) -> pd.DataFrame:
    """Decision points with the labels that these purchases give them."""
    label = [int(any((u, i) == (x, y) and lead < t - time <= horizon for x, y, t in purchases)) for u, i, time in rows]
    return moments(rows).assign(label=label)


def bought(purchases: list[tuple]) -> pd.DataFrame:
    return moments(sorted(purchases, key=lambda row: row[2]))


rows = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 100)), max_size=25)


@settings(max_examples=200, deadline=None)
@given(decisions=rows.filter(len), purchases=rows, lead=st.integers(0, HORIZON - 1))
def test_each_positive_decision_point_leads_to_the_first_purchase_after_the_lead(decisions, purchases, lead):
    frame = decided(decisions, purchases, lead=lead)
    sales = Sales.join(frame, bought(purchases), UserBootstrap(frame.user_id, 2, 1), lead)
    seen = {}
    for n, (user, item, time) in enumerate(decisions):
        after = [t for u, i, t in purchases if (u, i) == (user, item) and t > time + lead]
        if frame.label[n]:
            key = (user, item, min(after))
            assert seen.setdefault(key, sales.sale[n]) == sales.sale[n]
            assert sales.lead[n] == min(after) - time
        else:
            assert sales.sale[n] == NONE
            assert sales.lead[n] == NONE
    assert len(sales) == len(seen) == len(set(seen.values()))


@pytest.fixture
def two_sales():
    """Four decision points, of which two lead to one sale and one to another."""
    decisions = [("u", "i", 0), ("u", "i", 1), ("v", "i", 0), ("w", "i", 0)]
    purchases = [("u", "i", 5), ("v", "i", 6)]
    frame = decided(decisions, purchases)
    bootstrap = UserBootstrap(frame.user_id, 50, 1)
    sales = Sales.join(frame, bought(purchases), bootstrap)
    return sales, frame, bootstrap


def test_a_sale_is_found_once_however_often(two_sales):
    sales, _, bootstrap = two_sales
    assert len(sales) == 2
    assert sales.share(np.array([True, True, False, True]), bootstrap).value == 0.5
    assert sales.share(np.ones(4, bool), bootstrap).value == 1.0


def test_a_positive_decision_point_without_a_purchase_is_refused():
    frame = decided([("u", "i", 0)], [("u", "i", 5)])
    with pytest.raises(ValueError, match="disagree"):
        Sales.join(frame, bought([("u", "other", 5)]), UserBootstrap(frame.user_id, 2, 1))


def test_the_top_takes_whole_rows_and_of_equal_ones_the_earlier():
    p = np.array([0.5, 0.9, 0.5, 0.5])
    assert top(p, 0.5).tolist() == [True, True, False, False]
    assert top(p, 0.51).tolist() == [True, True, True, False]


def test_early_sales_are_those_known_an_hour_before():
    decisions = [("u", "i", 0), ("u", "i", HOUR), ("v", "i", 1)]
    purchases = [("u", "i", HOUR + 5), ("v", "i", HOUR + 1)]
    frame = decided(decisions, purchases, 2 * HOUR)
    bootstrap = UserBootstrap(frame.user_id, 5, 1)
    sales = Sales.join(frame, bought(purchases), bootstrap)
    assert summary(sales, np.array([0.1, 0.9, 0.9]), 0.5, bootstrap)["early"].value == 0.5
    assert summary(sales, np.array([0.9, 0.9, 0.9]), 0.5, bootstrap)["early"].value == 1.0


def test_purchases_are_read_in_the_order_of_time(tmp_path):
    events = {
        "user_id": ["u", "v", "w"],
        "item_id": ["i", "i", "i"],
        "event_type": ["purchase", "view", "purchase"],
        "timestamp": pa.array([2, 1, 0]).cast(pa.timestamp("us", tz="UTC")),
        "price": pa.nulls(3, pa.float64()),
        "duration_seconds": pa.nulls(3, pa.float64()),
    }
    write_table(pa.table(events, schema=EVENTS.arrow), tmp_path / "events.parquet")
    assert read_purchases(tmp_path / "events.parquet").user_id.tolist() == ["w", "u"]
    assert read_purchases(tmp_path / "events.parquet").columns.tolist() == ["user_id", "item_id", "timestamp", "price"]


def test_what_is_found_is_counted_by_decision_point_user_and_sale(two_sales):
    sales, frame, bootstrap = two_sales
    row = found(sales, frame, np.array([0.9, 0.8, 0.1, 0.7]), 0.5, bootstrap).loc["threshold"]
    assert (row.decision_points, row.users, row.sales) == (3, 2, 1)
    assert row.precision == pytest.approx(2 / 3)
    assert row.share_of_positive_decision_points == pytest.approx(2 / 3)
    assert row.share_of_sales.value == 0.5
