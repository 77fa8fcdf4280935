import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from willbuy.evaluation import learning_curve
from willbuy.evaluation.comparison import Comparison
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.learning_curve import LearningCurve
from willbuy.files import write_table
from willbuy.models.encoding import Encoding

ROWS, DAYS = 12_000, 16
SETTINGS = {"num_boost_round": 9, "early_stopping_rounds": 2, "min_child_weight": 5, "subsample": 0.8, "seed": 1}


def rows(seed: int) -> pd.DataFrame:
    """Decision points of 16 days; what leads to a purchase is one feature alone, and never changes."""
    rng = np.random.default_rng(seed)
    signal, noise = rng.standard_normal((2, ROWS))
    label = (rng.random(ROWS) < 0.25 / (1 + np.exp(-3 * signal))).astype(np.int8)
    time = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, DAYS * 86400, ROWS), unit="s")
    return pd.DataFrame({"signal": signal, "noise": noise, "label": label, "timestamp": time})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("curve") / "train.parquet"
    schema = pa.schema([("signal", pa.float64()), ("noise", pa.float64()), ("label", pa.int8()),
                        ("timestamp", pa.timestamp("us", tz="UTC"))])  # fmt: skip
    write_table(pa.Table.from_pandas(rows(1), schema, preserve_index=False), path)
    encoding, judged = Encoding(("signal", "noise"), {}), rows(2)
    bootstrap = UserBootstrap(np.arange(ROWS) % 500, 50, 1)
    return path, encoding, SETTINGS, (encoding.matrix(judged), judged.label.to_numpy()), bootstrap


@pytest.fixture(scope="module")
def curve(made):
    return learning_curve.measure(*made)


def test_there_is_a_model_for_an_eighth_a_quarter_half_and_all_of_the_days(curve):
    assert curve.days == (2, 4, 8, 16)
    table = curve.table()
    assert table.positives.is_monotonic_increasing and table.positives.iloc[-1] == rows(1).label.sum()
    assert table.positives.iloc[0] == pytest.approx(table.positives.iloc[-1] / 8, rel=0.2)


def test_more_days_of_the_same_help_a_model_that_knows_little(curve):
    base_rate = rows(2).label.mean()
    found = [estimate.value for estimate in curve.table().pr_auc]
    assert found[0] > 1.5 * base_rate and found[-1] > found[0]


def test_many_rows_are_thinned_and_weigh_what_they_stand_for(made, monkeypatch):
    path, encoding, *_ = made
    monkeypatch.setattr(learning_curve, "POSITIVES", 300)
    thinned, labels = learning_curve._read(path, encoding, seed=1), rows(1).label
    assert thinned.labels.sum() == pytest.approx(300, rel=0.2)
    assert len(thinned.labels) == pytest.approx(300 * (1 + learning_curve.NEGATIVES), rel=0.2)
    for kind in (0, 1):
        assert thinned.weights[thinned.labels == kind].sum() == pytest.approx((labels == kind).sum(), rel=0.2)


def test_the_figure_has_a_point_a_number_of_days(curve):
    axes = learning_curve.figure(curve).axes[0]
    assert axes.containers[0].lines[0].get_xdata().tolist() == list(curve.days)
    assert axes.containers[0].lines[0].get_ydata().tolist() == [e.value for e in curve.table().pr_auc]


@pytest.mark.parametrize(
    ("gain", "spread", "said"),
    [(0.05, 0.01, "would help**"), (0.0, 0.005, "bring little**"), (0.02, 0.05, "is open**")],
    ids=str,
)
def test_the_verdict_is_about_the_last_doubling(gain, spread, said):
    values = {"5": {"pr_auc": 0.3}, "10": {"pr_auc": 0.3 + gain}}
    drawn = {"5": {"pr_auc": np.full(41, 0.3)}, "10": {"pr_auc": 0.3 + gain + np.linspace(-spread, spread, 41)}}
    assert said in LearningCurve((5, 10), (1, 2), Comparison(values, drawn)).verdict()


def test_a_train_of_one_day_says_so():
    assert "too short" in LearningCurve((1,), (1,), Comparison({}, {})).verdict()
