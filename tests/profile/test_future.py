import pandas as pd
import pyarrow as pa
import pytest
from logs import DAY, events_table

from willbuy.features.tables import featurize
from willbuy.files import write_table
from willbuy.profile.future import without_future
from willbuy.schema import ITEMS
from willbuy.sessions import sessionize
from willbuy.splits import split

LOG = [(user, item, "view", day * DAY + k) for k, (user, item) in enumerate(["ax", "bx", "ay"]) for day in range(12)]
GAP = 30


@pytest.fixture
def paths(tmp_path):
    """sessions, items, the decision points of train and their features."""
    write_table(events_table(LOG), tmp_path / "events.parquet")
    sessionize(tmp_path / "events.parquet", tmp_path / "sessions.parquet", GAP)
    items = {"item_id": ["x", "y"], "category": ["Books", None], "base_price": [2.0, None]}
    write_table(pa.table(items, schema=ITEMS.arrow), tmp_path / "items.parquet")
    split(tmp_path / "sessions.parquet", tmp_path / "decisions", 1, 0.5, 0.25)
    named = [tmp_path / name for name in ("sessions.parquet", "items.parquet", "decisions/train.parquet", "f.parquet")]
    featurize(*named[:2], {named[2]: named[3]}, session_gap_minutes=GAP)
    return named


def test_without_the_future_the_same_features_come_out(paths):
    known, again, deleted = without_future("a", *paths, GAP)
    assert len(known) == 10 and set(known.user_id) == {"a"}
    assert deleted == sum(time > 4 * DAY + 2 for *_, time in LOG) > 0
    pd.testing.assert_frame_equal(again, known, check_exact=True)


def test_a_feature_that_knew_the_future_would_be_seen(paths):
    leaking = pd.read_parquet(paths[3])
    leaking["view_count_7d"] += 1
    write_table(pa.Table.from_pandas(leaking, preserve_index=False), paths[3])
    known, again, _ = without_future("a", *paths, GAP)
    assert (known.view_count_7d == again.view_count_7d + 1).all()
