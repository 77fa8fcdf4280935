from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import DAY, at

from willbuy.profile.short import LEAST_DAYS, suggestion, warning
from willbuy.splits import split_periods


def test_enough_is_not_warned_of():
    assert warning(7, 200, 90, 7) == ""


@pytest.mark.parametrize(("days", "sales"), [(6, 5000), (30, 199), (0, 0)])
def test_little_is_said_with_its_numbers_and_the_way_out(days, sales):
    said = warning(days, sales, 61, 7)
    assert f"{days} day(s) and {sales:,} sale(s)" in said
    assert "pipeline.backtest.yaml" in said


def test_61_days_and_a_horizon_of_7():
    said = warning(2, 500, 61, 7)
    assert "`horizon_days: 7`, `train_share: 0.50` and `validation_share: 0.25` would leave 8 to test on" in said


def test_few_sales_alone_do_not_ask_for_other_shares():
    assert "A longer log helps" in warning(20, 10, 365, 7)


def test_no_horizon_helps_a_log_of_a_month_at_most():
    assert suggestion(31, 7) is None
    assert "from 32 days on" in warning(2, 10, 31, 7)
    assert suggestion(32, 7) == (1, 0.50, 0.25)


@given(log_days=st.integers(3, 500), horizon=st.integers(1, 40))
def test_what_is_suggested_keeps_the_days_it_promises(log_days, horizon):
    found = suggestion(log_days, horizon)
    if found is None:
        return
    assert 1 <= found[0] <= horizon
    periods = split_periods(at(0), at(log_days * DAY - 1), *found)
    for period in periods[1:]:
        assert period.last_decision - period.start >= timedelta(days=LEAST_DAYS) - timedelta(seconds=1)
