import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from logs import DAY, MINUTE, events_table

from willbuy.features import tables
from willbuy.features.tables import featurize
from willbuy.files import write_table
from willbuy.profile.future import without_future
from willbuy.schema import ITEMS
from willbuy.sessions import sessionize
from willbuy.splits import SPLITS, split

GAP = 30
COMPUTE = tables.kernel.compute


def log():
    """Five users view and cart three items for 24 days, some of them at the very same time, some rows twice."""
    random = np.random.default_rng(4)
    rows = [
        (random.choice([*"abcde"]), random.choice([*"xyz"]), kind, int(time) * MINUTE * 30)
        for time in random.integers(0, 24 * 48, 300)
        for kind in ("view", "add_to_cart")
    ]
    return [*rows, *rows[:20], ("a", "x", "view", 24 * DAY - 1)]


def leak(hours):
    """The kernel, but its decision points are told what happens in the next hours."""

    def compute(known, decisions, *others):
        records = decisions.records.copy()
        records["time"] += hours * 3_600_000_000
        COMPUTE(known, decisions._replace(records=records), *others)

    return compute


@pytest.fixture
def paths(tmp_path):
    """sessions, items, decision points and where their features go."""
    write_table(events_table(log()), tmp_path / "events.parquet")
    table = pd.read_parquet(tmp_path / "events.parquet").assign(duration_seconds=5.0, price=2.0)
    write_table(pa.Table.from_pandas(table, preserve_index=False), tmp_path / "events.parquet")
    sessionize(tmp_path / "events.parquet", tmp_path / "sessions.parquet", GAP)
    items = {"item_id": ["x", "y"], "category": ["Books", None], "base_price": [2.0, None]}
    write_table(pa.table(items, schema=ITEMS.arrow), tmp_path / "items.parquet")
    split(tmp_path / "sessions.parquet", tmp_path / "decisions", 1, 0.5, 0.25)
    files = [[tmp_path / folder / f"{name}.parquet" for name in SPLITS] for folder in ("decisions", "features")]
    return tmp_path / "sessions.parquet", tmp_path / "items.parquet", *files


def looked(paths):
    sessions, items, decisions, features = paths
    featurize(sessions, items, dict(zip(decisions, features, strict=True)), session_gap_minutes=GAP)
    return without_future(*paths, GAP)


def test_without_the_future_the_same_features_come_out(paths):
    found = looked(paths)
    pd.testing.assert_frame_equal(found.again, found.known, check_exact=True)
    assert found.points == 200 and len(found.known) >= 200
    assert found.deleted > 200 and found.known.user_item_view_count_7d.sum() > 0


@pytest.mark.parametrize("hours", [1, 24, 24 * 7])
def test_a_kernel_that_sees_the_next_hours_is_found_at_nearly_every_point_that_has_some(paths, monkeypatch, hours):
    monkeypatch.setattr(tables.kernel, "compute", leak(hours))
    found = looked(paths)
    counts = [name for name in found.known if name.endswith(("_count_1d", "_count_7d"))]
    differs = (found.known[counts] != found.again[counts]).any(axis=1)
    assert differs.mean() > {1: 0.01, 24: 0.4, 24 * 7: 0.8}[hours]


@pytest.mark.parametrize("name", ["view_count_7d", "item_view_count_7d", "user_item_dwell_seconds_30d"])
def test_a_feature_that_knew_a_little_more_would_be_seen(paths, name):
    _, _, _, features = paths
    looked(paths)
    leaking = pd.read_parquet(features[0])
    leaking[name] += 1
    write_table(pa.Table.from_pandas(leaking, preserve_index=False), features[0])
    found = without_future(*paths, GAP)
    assert set(found.known[name] - found.again[name]) == {0, 1}
