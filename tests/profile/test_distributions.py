import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from willbuy.files import write_table
from willbuy.profile import distributions


@pytest.fixture(scope="module")
def frame():
    """1,000 decision points, a tenth of them followed by a purchase: a count, a ratio with gaps, something constant."""
    rng = np.random.default_rng(4)
    label = np.arange(1000) % 10 == 0
    ratio = np.where(rng.random(1000) < 0.2, np.nan, rng.random(1000) + label)
    columns = {"count": rng.poisson(2, 1000), "ratio": ratio, "always": np.full(1000, 7.0)}
    return pd.DataFrame({"example_id": [f"e{n}" for n in range(1000)], "label": label.astype(int), **columns})


@pytest.fixture
def path(frame, tmp_path):
    write_table(pa.Table.from_pandas(frame, preserve_index=False), tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


def test_few_decision_points_are_all_read(frame, path):
    found = distributions.values(path, ["count", "ratio"])
    assert list(found) == ["label", "count", "ratio"]
    assert found.label.value_counts().to_dict() == {0: 900, 1: 100}


def test_of_many_each_label_is_drawn_by_itself_and_the_same_every_time(path, monkeypatch):
    monkeypatch.setattr(distributions, "ROWS", 100)
    found, again = (distributions.values(path, ["count"]) for _ in range(2))
    counts = found.label.value_counts()
    assert counts[1] == 100 and 50 < counts[0] < 200
    assert sorted(found["count"]) == sorted(again["count"])


def test_whole_numbers_lie_in_the_middle_of_their_bins():
    assert distributions.bins(np.array([0.0, 1, 1, 2])).tolist() == [-0.5, 0.5, 1.5, 2.5]
    wide = distributions.bins(np.arange(1000.0))
    assert len(wide) <= distributions.BINS + 3 and set(np.diff(wide)) == {40}


@pytest.mark.parametrize("known", [[], [7.0], [0.25, 0.25], [1e9, 1e9]], ids=str)
def test_there_is_a_bin_for_whatever_is_known(known):
    edges = distributions.bins(np.array(known))
    assert len(edges) >= 2 and (np.diff(edges) > 0).all()


def test_an_extreme_value_does_not_empty_the_picture():
    edges = distributions.bins(np.append(np.linspace(0.1, 0.9, 1000), 1e6))
    assert edges[-1] < 1


def test_the_shares_of_each_label_sum_to_1(frame):
    picture = distributions.figure(frame.drop(columns="example_id"))
    for pane in picture.axes[:3]:
        assert [stairs.get_data().values.sum() for stairs in pane.patches] == pytest.approx([1, 1])
    unknown = frame.ratio.isna().groupby(frame.label).mean()
    titles = [pane.get_title(loc="left") or pane.get_title() for pane in picture.axes[:3]]
    assert titles == ["count", f"ratio (unknown: {unknown[1]:.0%} / {unknown[0]:.0%})", "always"]


def test_the_chosen_features_are_of_several_families():
    gap = pd.Series({"a": 0.9, "b": -0.8, "c": 0.7, "d": 0.1, "rare": 2.0})
    family = pd.Series({"a": "one", "b": "one", "c": "one", "d": "two", "rare": "two", "other": "two"})
    unknown = pd.Series({"rare": 0.99, "d": 0.5, "other": 0.95})
    assert distributions.varied(gap, family, unknown) == ["a", "b", "d"]
