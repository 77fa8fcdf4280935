import pandas as pd
import pyarrow as pa
import pytest
from logs import at

from willbuy.files import write_table
from willbuy.profile import features as profile

FRAME = pd.DataFrame(
    {
        "user_id": ["a", "a", "b", "b"],
        "item_id": ["x", "x", "x", "y"],
        "timestamp": [at(0), at(5), at(1), at(2)],
        "event_type": ["view", "view", "view", "view"],
        "label": [1, 1, 0, 0],
        "hour": [1.0, 3.0, 1.0, 1.0],
        "always": [7.0, 7.0, 7.0, 7.0],
        "seldom": [None, 2.0, None, None],
        "user_item_view_count_30d": [0, 9, 0, 5],
        "user_item_open_cart": [0, 1, 0, 0],
    }
)


@pytest.fixture
def path(tmp_path):
    write_table(pa.Table.from_pandas(FRAME, preserve_index=False), tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


def test_a_story_is_told_event_by_event(path, tmp_path):
    story = profile.story(path)
    assert story.to_dict() == {"user_id": "a", "item_id": "x"}
    assert profile.last(story, path).hour == 3.0
    events = FRAME[["user_id", "item_id", "timestamp", "event_type"]].assign(price=1.0)
    write_table(pa.Table.from_pandas(events, preserve_index=False), tmp_path / "sessions.parquet")
    told = profile.told(story, tmp_path / "sessions.parquet", [path], ["hour"])
    assert told.hour.tolist() == [1.0, 3.0]


def test_nulls_and_known_values(path):
    assert profile.null_shares(path, ["hour", "seldom"]).to_dict() == {"seldom": 0.75}
    assert profile.known([path, path], ["hour", "seldom"]).to_dict() == {"hour": 8, "seldom": 2}


def test_what_differs_before_a_purchase(path):
    gap = profile.gap_before_purchase(path, ["hour", "always"])
    assert gap.to_dict() == {"hour": pytest.approx(1 / FRAME.hour.std(ddof=0))}


def test_the_rate_by_views_and_cart(path):
    found = profile.rate_by_views_and_cart(path).set_index(["earlier_views", "open_cart"]).bought
    assert found.to_dict() == {(0, 0): 0.5, (5, 0): 0.0, (5, 1): 1.0}
