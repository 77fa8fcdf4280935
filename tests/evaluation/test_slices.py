import numpy as np
import pandas as pd
import pytest

from willbuy.evaluation import slices
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.metrics import Ranking


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    category = np.where(np.arange(300) % 3 == 0, "Books", "Music").astype(object)
    category[:10] = None
    probability = rng.random(300)
    return pd.DataFrame(
        {"item_category": category, "label": (rng.random(300) < probability).astype(int), "probability": probability}
    )


@pytest.fixture
def bootstrap():
    return UserBootstrap(np.arange(300) // 3, 200, seed=0)


def test_the_slices_part_the_rows(frame, bootstrap):
    table = slices.measure(frame, "item_category", bootstrap)
    assert table.value.tolist() == ["Books", "Music", "unknown"]
    assert table.n.sum() == 300
    assert table.positives.sum() == frame.label.sum()


def test_a_slice_is_measured_as_if_it_were_all(frame, bootstrap):
    books = frame[frame.item_category == "Books"]
    row = slices.measure(frame, "item_category", bootstrap).iloc[0]
    expected = Ranking(books.label, books.probability).measure()
    assert (row.pr_auc, row.log_loss) == (expected["pr_auc"], expected["log_loss"])
    assert row.predicted == pytest.approx(books.probability.mean())
    assert row.base_rate == pytest.approx(books.label.mean())


def test_a_slice_without_purchases_has_no_pr_auc(frame, bootstrap):
    row = slices.measure(frame.assign(label=0, all="all"), "all", bootstrap).iloc[0]
    assert row.positives == 0
    assert np.isnan(row.pr_auc)


def test_a_slice_whose_interval_misses_the_prediction_is_off(frame, bootstrap):
    doubled = frame.assign(
        probability=np.where(frame.item_category == "Books", frame.probability / 2, frame.probability)
    )
    table = slices.measure(doubled, "item_category", bootstrap).set_index("value")
    assert table.off.to_dict() == {"Books": True, "Music": False, "unknown": False}
    assert (table.low <= table.base_rate).all() and (table.base_rate <= table.high).all()


def test_all_slices_stand_one_below_the_other(frame, bootstrap):
    times = pd.date_range("2024-03-17", periods=300, freq="h", tz="UTC")
    rows = frame.assign(user_id=["a", "b"] * 150, session_id="a_1", timestamp=times, event_type="view")
    users = pd.DataFrame({"user_id": ["a", "b"], "persona": ["buyer", "browser"]})
    table = slices.measure_all(rows, users, bootstrap)
    assert table.groupby("slice").n.sum().to_dict() == dict.fromkeys(slices.SLICES, 300)
    assert table.set_index("value").n["buyer"] == 150
    assert "persona" not in slices.measure_all(rows, users[["user_id"]], bootstrap)["slice"].tolist()


def test_weeks_start_at_the_first_midnight_in_utc():
    times = pd.Series(pd.to_datetime(["2024-03-17 23:59", "2024-03-23 23:59", "2024-03-24 00:00"], utc=True))
    assert slices.week(times).tolist() == ["2024-03-17", "2024-03-17", "2024-03-24"]


def test_a_visitor_is_new_in_the_first_session_only():
    sessions = pd.Series(["u_1", "u_2", "u_11", "u_1_1"], index=[5, 6, 7, 8])
    assert slices.visitor(sessions).to_dict() == {5: "new", 6: "returning", 7: "returning", 8: "new"}


def test_of_very_many_values_the_largest_are_measured():
    values = np.concatenate([np.arange(1000), np.repeat(np.arange(500, 500 + slices.MOST_VALUES), 3)])
    bootstrap = UserBootstrap(np.arange(len(values)), 2, seed=0)
    rows = pd.DataFrame({"category": values.astype(str), "label": 0, "probability": 0.1})
    assert slices.measure(rows, "category", bootstrap).value.tolist() == [
        str(500 + n) for n in range(slices.MOST_VALUES)
    ]
