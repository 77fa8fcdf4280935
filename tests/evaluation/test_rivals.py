from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import small_model
from sklearn.metrics import average_precision_score

from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.market import Market, Policy
from willbuy.evaluation.rivals import side_by_side
from willbuy.evaluation.sales import Sales
from willbuy.files import write_table
from willbuy.models import registry
from willbuy.models.encoding import Encoding

NEW, OLD = "xgboost_20240102_000000", "xgboost_20240101_000000"


@pytest.fixture(scope="module")
def model():
    return small_model.model(seed=0)


@pytest.fixture(scope="module")
def rows(model):
    features, random = small_model.table(2000, seed=7), np.random.default_rng(7)
    bought = (random.random(2000) < model.predict(features)).astype("int8")
    times = pd.date_range("2024-03-01", periods=2000, freq="min", tz="UTC")
    known = {"user_id": random.integers(0, 50, 2000).astype(str), "item_id": [f"i{n}" for n in range(2000)]}
    return features.assign(**known, timestamp=times, label=bought)


@pytest.fixture(scope="module")
def purchases(rows):
    bought = rows[rows.label == 1][["user_id", "item_id", "timestamp"]]
    return bought.assign(timestamp=bought.timestamp + pd.Timedelta(hours=2))


@pytest.fixture(scope="module")
def measured(model, rows, purchases, tmp_path_factory):
    """A model beside an older one that knows none of today's categories."""
    folder = tmp_path_factory.mktemp("rivals")
    registry.save(model, folder, NEW)
    older = replace(model, encoding=Encoding(model.encoding.names, {"item_category": ("Toys", "Yarn")}), threshold=0.9)
    registry.save(older, folder, OLD)
    bootstrap = UserBootstrap(rows.user_id, 50, seed=0)
    policy = Policy.of(
        sale_value=10, action_cost=1, action_effect=0.5, action_every_hours=0, horizon_days=7, min_lead_minutes=0
    )
    sold = Sales.join(rows, purchases, bootstrap, 0)
    path = folder / "test.parquet"
    write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
    return side_by_side((NEW, OLD), {}, folder, path, sold, Market(rows, purchases, policy), bootstrap), older


def test_both_are_measured_on_the_same_rows_and_compared(measured, model, rows):
    found, older = measured
    expected = [average_precision_score(rows.label, each.predict(rows)) for each in (model, older)]
    assert [found[name]["pr_auc"].value for name in (NEW, OLD)] == pytest.approx(expected)
    gain = found["difference"]["pr_auc"]
    assert gain.value == pytest.approx(expected[0] - expected[1]) and gain.low <= gain.value <= gain.high


def test_each_acts_from_its_own_threshold(measured, model, rows):
    found, older = measured
    for name, each in ((NEW, model), (OLD, older)):
        chosen = each.predict(rows) >= each.threshold
        assert found[name]["profit"].value == pytest.approx(0.5 * 10 * rows.label[chosen].sum() - chosen.sum())
        expected = rows.label[chosen].sum() / rows.label.sum()
        assert found[name]["sales_found_at_threshold"].value == pytest.approx(expected)


def test_what_is_known_of_a_version_is_not_measured_again(rows, tmp_path):
    path = tmp_path / "test.parquet"
    write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
    known = {NEW: {"profit": (5.0, np.array([4.0, 6.0]))}, OLD: {"profit": (2.0, np.array([1.0, 3.0]))}}
    found = side_by_side((NEW, OLD), known, tmp_path, path, None, None, None)
    assert [found[name]["profit"].value for name in (NEW, OLD, "difference")] == [5, 2, 3]
