from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import DAY, at

from willbuy.origins import MOST, Origin, origins
from willbuy.splits import DAY as A_DAY
from willbuy.splits import LogTooShort, touched

MICRO = timedelta(microseconds=1)


@given(
    days=st.integers(1, 400),
    horizon=st.integers(1, 30),
    wanted=st.integers(0, 12),
    first=st.integers(0, DAY - 1),
    end=st.integers(1, DAY),
)
def test_the_laws_of_origins_hold_for_any_log(days, horizon, wanted, first, end):
    first, last = at(first), at(max(first, (days - 1) * DAY + end - 1))
    possible = (days - horizon - max(4 * horizon, -(-days // 3))) // horizon
    if possible < max(wanted, 1):
        with pytest.raises(LogTooShort, match=rf"spans {days} day\(s\) and has room for {max(possible, 0)} origin"):
            origins(first, last, horizon, wanted)
        return
    found = origins(first, last, horizon, wanted)
    assert len(found) == (wanted or min(possible, MOST))
    for origin in found:
        no_label_window_reaches_into_the_next_period(origin, timedelta(days=horizon), last)
        each_period_has_days(origin, timedelta(days=horizon), first)
    what_is_tested_is_one_stretch_without_gaps(found, last, horizon)


def no_label_window_reaches_into_the_next_period(origin: Origin, horizon, last):
    for period in (origin.train, origin.validation, origin.test):
        assert period.last_decision + horizon < period.end <= last + MICRO
    assert origin.train.end == origin.validation.start < origin.validation.end == origin.test.start == origin.time


def each_period_has_days(origin: Origin, horizon, first):
    midnight, _ = touched(first, first, A_DAY)
    assert origin.train.start == midnight
    assert min(origin.train.end - midnight, origin.validation.end - origin.validation.start) >= 2 * horizon
    assert origin.time - midnight >= 4 * horizon
    assert origin.test.last_decision >= origin.test.start


def what_is_tested_is_one_stretch_without_gaps(found, last, horizon):
    for earlier, later in pairwise(found):
        assert earlier.test.last_decision + MICRO == later.time
    # The last stretch is as long as the log lets it.
    assert found[-1].test.end == last + MICRO or found[-1].test.end - last < timedelta(days=1)


@pytest.mark.parametrize(("days", "horizon", "number", "first"), [(90, 7, 7, 34), (61, 7, 3, 30), (42, 3, 8, 15)])
def test_the_origins_of_known_logs(days, horizon, number, first):
    found = origins(at(0), at(days * DAY - 1), horizon)
    assert len(found) == number
    assert found[0].time == at(first * DAY)


def test_too_many_origins_are_refused_with_how_many_fit():
    with pytest.raises(LogTooShort, match=r"origins = 4, allowed: at most 3"):
        origins(at(0), at(61 * DAY - 1), 7, 4)


def test_the_shortest_log_has_room_for_one_origin():
    assert len(origins(at(0), at(42 * DAY - 1), 7)) == 1
    with pytest.raises(LogTooShort, match="a backtest takes 42"):
        origins(at(0), at(41 * DAY - 1), 7)
