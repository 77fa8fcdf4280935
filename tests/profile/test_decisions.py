from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import DAY, MINUTE, at, events_table, rows

from willbuy.files import write_table
from willbuy.profile import decisions
from willbuy.schema import DECISIONS
from willbuy.sessions import sessionize
from willbuy.splits import SPLITS, split


def table(name: str, made: list[tuple]) -> pa.Table:
    full = [
        (f"{name}{n}", user, "x", at(time), f"{user}_1", kind, label)
        for n, (user, kind, time, label) in enumerate(made)
    ]
    return pa.table([list(column) for column in zip(*full, strict=True)], names=DECISIONS.arrow.names).cast(
        DECISIONS.arrow
    )


@pytest.fixture
def files(tmp_path):
    made = {
        "train": [("a", "view", 0, 0), ("a", "add_to_cart", 1, 1), ("b", "view", DAY, 0)],
        "test": [("a", "view", 3 * DAY, 1)],
    }
    for name, of_split in made.items():
        write_table(table(name, of_split), tmp_path / f"{name}.parquet")
    return [tmp_path / f"{name}.parquet" for name in made]


def test_counts_by_split(files):
    found = decisions.counts(files)
    assert found.index.tolist() == ["train", "test"]
    assert found.iloc[:, :4].values.tolist() == [[3, 2, 1, 1 / 3], [1, 1, 1, 1.0]]
    assert found["last"]["train"] - found["first"]["train"] == timedelta(days=1)


def test_some_of_each_answer(files):
    assert decisions.some(files[0], 1).label.tolist() == [1, 0]


def test_by_event_type_and_by_day(files):
    assert decisions.by_event_type(files).base_rate.to_dict() == {"view": 1 / 3, "add_to_cart": 1.0}
    assert decisions.by_day(files).decision_points.tolist() == [2, 1, 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("waits")


def split_log(log, folder, lead):
    """The files of a log of 8 days that is split in two halves and a rest, with a horizon of a day."""
    pins = [("z", "x", "scroll", 0), ("z", "x", "scroll", 8 * DAY - 1)]
    write_table(events_table([*log, *pins]), folder / "events.parquet")
    sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)
    split(folder / "sessions.parquet", folder, 1, 0.5, 0.25, lead)
    return [folder / f"{name}.parquet" for name in SPLITS]


TIMES = st.sampled_from([n * DAY + m * MINUTE for n in range(4) for m in (0, 1, 9, 10, 11, 60, 700, 1430)])


@settings(max_examples=60, deadline=None)
@given(log=rows(TIMES, min_size=1, max_size=20), lead=st.sampled_from([0, 10, 60]))
def test_until_the_purchase_that_makes_a_decision_point_positive(log, lead, folder):
    files = split_log(log, folder, lead)
    found = decisions.until_purchase(files, folder / "sessions.parquet", lead)
    table = pd.concat([pd.read_parquet(file) for file in files])
    positive = table[table.label == 1].sort_values(["timestamp", "example_id"])
    assert found.example_id.tolist() == positive.example_id.tolist()
    for wait, row in zip(found.itertuples(), positive.itertuples(), strict=True):
        opens = row.timestamp + timedelta(minutes=lead)
        bought = min(
            at(m) for u, i, k, m in log if (u, i, k) == (row.user_id, row.item_id, "purchase") and at(m) > opens
        )
        assert wait.bought_at == bought
        assert wait.minutes == pytest.approx((bought - row.timestamp).total_seconds() / 60)
    pairs = set(zip(found.user_id, found.item_id, found.bought_at, strict=True))
    assert decisions.sales(found) == len(pairs)


def test_the_lead_is_the_first_that_holds(folder):
    late, hour = DAY - 5 * MINUTE, 60 * MINUTE
    log = [
        *(("a", "x", "view", 0), ("a", "x", "purchase", 10 * MINUTE - 1)),
        *(("b", "x", "view", 0), ("b", "y", "view", 9 * MINUTE), ("b", "x", "purchase", 10 * MINUTE)),
        *(("c", "x", "view", 0), ("c", "x", "purchase", hour)),
        *(("d", "x", "view", late), ("d", "x", "purchase", late + 9 * MINUTE)),
        *(("e", "x", "view", late), ("e", "x", "purchase", late + hour)),
        *(("f", "x", "view", late), ("f", "x", "purchase", late + 10 * MINUTE)),
    ]
    found = decisions.until_purchase(split_log(log, folder, 0), folder / "sessions.parquet", 0)
    soon, session, day, later = decisions.LEADS
    assert dict(zip(found.user_id, found.lead, strict=True)) == {
        "a": soon,
        "b": session,
        "c": day,
        "d": soon,
        "e": later,
        "f": session,
    }
    assert decisions.by_lead(found).decision_points.to_dict() == {soon: 2, session: 2, day: 1, later: 1}
    assert decisions.by_lead(found).share.sum() == pytest.approx(1)


def test_different_decision_points(files):
    assert decisions.different(files) == 4
    assert decisions.different([files[0], files[0]]) == 3
