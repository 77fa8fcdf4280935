"""Amounts are whole numbers, so that sums of them are the same in any order."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willbuy.features.amounts import log_millionths


@given(cents=st.integers(1, 10**11))
def test_a_logarithm_is_the_exact_one_in_whole_millionths(cents):
    exact = (1_000_000 * Decimal(cents).ln()).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert log_millionths(cents) == int(exact)


@pytest.mark.parametrize("amount", [0.0, -1.0, np.nan])
def test_what_is_not_above_0_has_no_logarithm(amount):
    assert np.isnan(log_millionths(amount))
