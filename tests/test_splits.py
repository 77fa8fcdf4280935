from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from logs import DAY, MINUTE, at, events_table, rows

from willbuy.clock import MICROSECOND
from willbuy.files import write_table
from willbuy.schema import DECISION_TYPES, DECISIONS, check
from willbuy.sessions import sessionize
from willbuy.splits import SPLITS, LogTooShort, shortest_log, split, split_lengths, split_periods

HOUR = 60 * MINUTE
DAYS, HORIZON = 20, 2
SHARES = {"train_share": 0.5, "validation_share": 0.25}
# Times a microsecond around day boundaries and around the purge of each, and inside the days.
EDGES = st.sampled_from([d * DAY + e for d in range(1, DAYS) for e in (-1, 0, 1, DAY // 2)])
# Two scrolls pin the log's first and last time, so that the boundaries stand still.
PINS = [("z", "x", "scroll", 0), ("z", "x", "scroll", DAYS * DAY - 1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("splits")


def split_log(log, folder, lead=0):
    write_table(events_table([*log, *PINS]), folder / "events.parquet")
    sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)
    periods = split(folder / "sessions.parquet", folder / "decisions", HORIZON, **SHARES, min_lead_minutes=lead)
    for name in SPLITS:
        check(folder / "decisions" / f"{name}.parquet", DECISIONS)
    return periods, {n: pq.read_table(folder / "decisions" / f"{n}.parquet").to_pylist() for n in SPLITS}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(log=rows(EDGES, min_size=1, max_size=20), lead=st.sampled_from([0, 1 / MINUTE, 720, 1440, 2879]))
def test_the_laws_of_splits_hold_for_any_log(log, lead, folder):
    periods, found = split_log(log, folder, lead)
    every_decision_point_is_in_exactly_one_split_or_purged(log, periods, found)
    no_label_window_crosses_a_boundary(periods, found)
    a_label_is_a_purchase_of_that_item_after_the_lead_within_the_horizon(log, found, lead)


def every_decision_point_is_in_exactly_one_split_or_purged(log, periods, found):
    kept = [row for name in SPLITS for row in found[name]]
    purged = [at(m) for _, _, kind, m in log if kind in DECISION_TYPES and _purged(at(m), periods)]
    decisions = [row for row in log if row[2] in DECISION_TYPES]
    assert len(kept) + len(purged) == len(decisions)
    assert len({row["example_id"] for row in kept}) == len(kept)


def _purged(time, periods):
    period = next(p for p in periods if p.start <= time < p.end)
    return time + timedelta(days=HORIZON) >= period.end


def no_label_window_crosses_a_boundary(periods, found):
    for period in periods:
        for row in found[period.name]:
            assert period.start <= row["timestamp"]
            assert row["timestamp"] + timedelta(days=HORIZON) < period.end


def a_label_is_a_purchase_of_that_item_after_the_lead_within_the_horizon(log, found, lead):
    for row in (row for name in SPLITS for row in found[name]):
        begin, end = row["timestamp"] + timedelta(minutes=lead), row["timestamp"] + timedelta(days=HORIZON)
        pair = (row["user_id"], row["item_id"], "purchase")
        assert row["label"] == any((u, i, kind) == pair and begin < at(m) <= end for u, i, kind, m in log)


@pytest.mark.parametrize(("after", "label"), [(0, 0), (1, 1), (HORIZON * DAY, 1), (HORIZON * DAY + 1, 0)])
def test_the_label_window_is_open_at_t_and_closed_at_the_horizon(after, label, folder):
    log = [("a", "x", "view", DAY), ("a", "x", "purchase", DAY + after)]
    _, found = split_log(log, folder)
    assert [row["label"] for row in found["train"]] == [label]


@pytest.mark.parametrize(
    ("purchases", "label"),
    [([MINUTE], 0), ([60 * MINUTE], 0), ([60 * MINUTE + 1], 1), ([1, 2, DAY], 1), ([1, HORIZON * DAY + 1], 0)],
)
def test_with_a_lead_the_first_purchase_after_it_decides(purchases, label, folder):
    log = [("a", "x", "view", DAY), *(("a", "x", "purchase", DAY + after) for after in purchases)]
    _, found = split_log(log, folder, lead=60)
    assert [row["label"] for row in found["train"]] == [label]


SHARE = st.floats(0.05, 0.9)


@given(horizon=st.integers(1, 30), train=SHARE, validation=SHARE)
def test_the_shortest_log_is_the_shortest(horizon, train, validation):
    assume(train + validation <= 0.95)
    least = shortest_log(horizon, train, validation)
    assert split_periods(at(0), at(least * DAY - 1), horizon, train, validation)
    with pytest.raises(LogTooShort, match=f"at least {least} full days"):
        split_periods(at(0), at((least - 1) * DAY - 1), horizon, train, validation)


@given(
    begin=st.integers(0, DAY - 1),
    length=st.integers(HOUR, 200 * DAY),
    horizon=st.integers(1, 20),
    train=SHARE,
    validation=SHARE,
)
def test_boundaries_are_midnights_where_whole_days_do_and_whole_hours_elsewhere(
    begin, length, horizon, train, validation
):
    assume(train + validation <= 0.95)
    first, last = at(begin), at(begin + length)
    days = (last.date() - first.date()).days + 1
    whole_days = min(split_lengths(days, train, validation)) > horizon
    try:
        periods = split_periods(first, last, horizon, train, validation)
    except LogTooShort:
        assert not whole_days
        return
    starts = [period.start for period in periods]
    assert starts[0] <= first and periods[2].end == last + MICROSECOND
    step = timedelta(days=1) if whole_days else timedelta(hours=1)
    assert all((start - at(0)) % step == timedelta(0) for start in starts)
    assert all(period.last_decision >= max(period.start, first) for period in periods)


def test_nine_days_with_a_horizon_of_one_are_split_by_the_hour():
    periods = split_periods(at(0), at(9 * DAY - 1), 1, 0.70, 0.15)
    assert [(period.start - at(0)) // timedelta(hours=1) for period in periods] == [0, 101 + 24, 101 + 21 + 48]
    assert (periods[1].last_decision - periods[1].start + MICROSECOND) == timedelta(hours=21)
    midnights = split_periods(at(0), at(9 * DAY - 1), 1, 0.60, 0.20)
    assert [period.start for period in midnights] == [at(0), at(5 * DAY), at(7 * DAY)]


def test_a_short_log_is_refused_with_the_numbers_that_would_do():
    with pytest.raises(LogTooShort, match=r"spans 1 day\(s\), 1 hour\(s\) .*takes at least 22 full days$"):
        split_periods(at(0), at(1), 7, 0.70, 0.15)
    with pytest.raises(LogTooShort, match="it takes at least 22 full days or horizon_days = 6$"):
        split_periods(at(0), at(20 * DAY - 1), 7, 0.70, 0.15)
    assert split_periods(at(0), at(22 * DAY - 1), 7, 0.70, 0.15)
    assert split_periods(at(0), at(20 * DAY - 1), 6, 0.70, 0.15)


def test_shares_that_leave_nothing_for_test_are_refused():
    with pytest.raises(ValueError, match="without days"):
        shortest_log(7, 0.8, 0.2)


def test_an_empty_log_is_refused(folder):
    write_table(events_table([]), folder / "events.parquet")
    sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)
    with pytest.raises(LogTooShort, match="holds no events"):
        split(folder / "sessions.parquet", folder / "nothing", HORIZON, **SHARES)
    assert not list(folder.glob("nothing/*.parquet"))
