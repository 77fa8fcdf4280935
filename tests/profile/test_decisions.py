from datetime import timedelta

import pyarrow as pa
import pytest
from logs import DAY, at

from willbuy.files import write_table
from willbuy.profile import decisions
from willbuy.schema import DECISIONS


def table(split: str, rows: list[tuple]) -> pa.Table:
    full = [
        (f"{split}{n}", user, "x", at(time), f"{user}_1", kind, label)
        for n, (user, kind, time, label) in enumerate(rows)
    ]
    return pa.table([list(column) for column in zip(*full, strict=True)], names=DECISIONS.arrow.names).cast(
        DECISIONS.arrow
    )


@pytest.fixture
def files(tmp_path):
    rows = {
        "train": [("a", "view", 0, 0), ("a", "add_to_cart", 1, 1), ("b", "view", DAY, 0)],
        "test": [("a", "view", 3 * DAY, 1)],
    }
    for split, of_split in rows.items():
        write_table(table(split, of_split), tmp_path / f"{split}.parquet")
    return [tmp_path / f"{split}.parquet" for split in rows]


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


def test_different_decision_points(files):
    assert decisions.different(files) == 4
    assert decisions.different([files[0], files[0]]) == 3
