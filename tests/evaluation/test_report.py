import json

import numpy as np
import pandas as pd
import pytest

from willbuy import schema
from willbuy.evaluation import report
from willbuy.evaluation.intervals import Estimate
from willbuy.models.predictors import LOGISTIC, XGBOOST

PREDICTIONS = {XGBOOST: np.array([0.25, 1 / 3]), LOGISTIC: np.array([0.5, 0.125])}


def test_predictions_keep_their_contract_and_every_bit(tmp_path):
    frame = pd.DataFrame(
        {
            "example_id": ["1", "2"],
            "user_id": ["a", "b"],
            "item_id": ["x", "y"],
            "timestamp": pd.to_datetime([1, 2], unit="us", utc=True),
            "session_id": ["a_1", "b_1"],
            "event_type": ["view", "add_to_cart"],
            "label": np.array([0, 1], dtype="int8"),
            "item_price": [12.5, np.nan],
        }
    )
    path = tmp_path / "predictions.parquet"
    report.write_predictions(frame, PREDICTIONS, XGBOOST, path)
    assert schema.check(path, schema.PREDICTIONS) == 2
    written = pd.read_parquet(path)
    assert (written.probability == PREDICTIONS[XGBOOST]).all()
    assert (written.baseline_probability == PREDICTIONS[LOGISTIC]).all()
    assert written[["price", "expected_value"]].to_numpy().tolist()[0] == [12.5, 0.25 * 12.5]
    assert written[["price", "expected_value"]].loc[1].isna().all()


def test_metrics_are_plain_json_and_what_is_unknown_is_null(tmp_path):
    inner = {"d": np.int64(3), "e": None, "f": np.bool_(True)}
    metrics = {"a": np.float64(0.1), "b": [Estimate(1.0, np.nan, float("inf"))], "c": inner}
    report.write_metrics(metrics, tmp_path / "metrics.json")
    assert json.loads((tmp_path / "metrics.json").read_text()) == {
        "a": 0.1,
        "b": [{"value": 1.0, "low": None, "high": None}],
        "c": {"d": 3, "e": None, "f": True},
    }


def test_a_thinned_curve_keeps_its_ends_and_its_order():
    curve = pd.DataFrame({"share": np.linspace(0, 1, 1001), "recall": np.linspace(0, 1, 1001) ** 0.5})
    found = report.thinned(curve, points=11)
    assert found["share"] == pytest.approx(np.linspace(0, 1, 11))
    assert report.thinned(curve[:3]) == curve[:3].to_dict("list")
