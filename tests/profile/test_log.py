import pyarrow as pa
import pytest
from logs import DAY, MINUTE, events_table

from willbuy.files import write_table
from willbuy.profile import log
from willbuy.schema import TRUTH

ROWS = [
    ("a", "x", "view", 0),
    ("a", "x", "add_to_cart", MINUTE),
    ("b", "x", "view", 2 * MINUTE),
    ("a", "x", "purchase", 3 * MINUTE),
    ("b", "y", "scroll", 26 * 60 * MINUTE),
    ("b", "y", "view", 27 * 60 * MINUTE),
]


@pytest.fixture
def events(tmp_path):
    write_table(events_table(ROWS), tmp_path / "events.parquet")
    return tmp_path / "events.parquet"


@pytest.fixture
def priced(tmp_path):
    prices = pa.array([8.0, 8.0, 10.0, 8.0, 5.0, 5.0])
    table = events_table(ROWS)
    write_table(table.set_column(4, table.schema.field("price"), prices), tmp_path / "priced.parquet")
    items = pa.table({"item_id": ["x", "y"], "category": ["c", None], "base_price": [10.0, 5.0]})
    write_table(items, tmp_path / "items.parquet")
    return tmp_path / "priced.parquet", tmp_path / "items.parquet"


def test_decision_points_are_views_and_carts(events):
    assert log.decisions(events) == 4


def test_the_story_is_of_the_first_buyer(events):
    assert log.around_first_purchase(events, before=1, after=1).event_type.tolist() == ["add_to_cart", "purchase"]


def test_channels_tell_the_truth_of_their_views(tmp_path):
    log_ = events_table(ROWS).append_column("context_channel", pa.array(["email", "email", "ads", "ads", "tv", "ads"]))
    write_table(log_, tmp_path / "events.parquet")
    decides = log_.select(["user_id", "item_id", "timestamp", "event_type"]).take([0, 1, 2, 5])
    truth = decides.append_column("probability", pa.array([0.5, 0.9, 0.1, 0.2]))
    write_table(truth.cast(TRUTH.arrow), tmp_path / "truth.parquet")
    found = log.channels(tmp_path / "events.parquet", tmp_path / "truth.parquet")
    assert found.views.to_dict() == {"email": 1, "ads": 2}
    assert found.truth.tolist() == pytest.approx([0.5, 0.15]) and found.share.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_personas_count_users_without_events_too(events, tmp_path):
    users = pa.table({"user_id": ["a", "b", "c"], "persona": ["buyer", "browser", "browser"]})
    write_table(users, tmp_path / "users.parquet")
    found = log.personas(tmp_path / "users.parquet", events)
    assert found.loc["browser"].tolist() == [2, 3, 2, 0]
    assert found.loc["buyer"].tolist() == [1, 3, 1, 1]


def test_views_tell_hour_and_weekday(events):
    found = log.views(events)
    assert found.hour.tolist() == [0, 0, 3]
    assert found.weekday.tolist() == [0, 0, 1]  # 1 January 2024 was a Monday


def test_prices_and_discounts(priced):
    events, items = priced
    assert log.daily_price(events)[["price", "highest"]].values.tolist() == [[8.0, 10.0]]
    assert log.discounts(events, items).views.to_dict() == {0.0: 2, 20.0: 1}


def test_the_funnel_counts_pairs(events):
    assert log.funnel(events).to_dict() == {"looked_at": 3, "carted": 1, "bought": 1, "carted_and_bought": 1}


def test_the_days_that_a_log_spans(events):
    assert log.days(events) == 2


def test_a_pair_that_begins_without_a_view(events):
    assert log.begun_without_a_view(events) == 1


def test_the_truth_is_held_to_what_came(tmp_path):
    last = 30 * DAY
    rows = [(f"u{n}", "x", "view", n) for n in range(20)]
    rows += [(f"u{n}", "x", "purchase", DAY) for n in range(15, 20)] + [("z", "x", "view", last)]
    table = events_table(rows)
    write_table(table, tmp_path / "events.parquet")
    views = table.filter(pa.compute.equal(table["event_type"], "view"))
    truth = views.select(["user_id", "item_id", "timestamp", "event_type"])
    truth = truth.append_column("probability", pa.array([n / 20 for n in range(20)] + [1.0]))
    write_table(truth.cast(TRUTH.arrow), tmp_path / "truth.parquet")
    found = log.truth_by_tenth(tmp_path / "truth.parquet", tmp_path / "events.parquet", 7, 0)
    assert found.decision_points.tolist() == [2] * 10  # the last one's horizon is not covered
    assert found.bought.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 2, 2]
    assert found.expected.sum() == pytest.approx(9.5)
    # A view at n microseconds comes a day less n before its purchase.
    late = log.truth_by_tenth(tmp_path / "truth.parquet", tmp_path / "events.parquet", 7, 1440 - 17 / MINUTE)
    assert late.bought.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0]
