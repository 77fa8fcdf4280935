import json
import os

import pytest
import small_model
from small_model import FIRST, SECOND, THIRD

ADMIN = {"X-API-Key": "admin-key-1"}


def test_model_info_has_every_feature_with_unit_and_description(client):
    info = client.get("/model-info").json
    assert info["version"] == FIRST
    assert [f["name"] for f in info["features"]] == list(small_model.NAMES)
    assert all(f["description"] and f["type"] and "unit" in f for f in info["features"])
    assert info["predicts"] == "that the shopper buys the item within 7 days, later than 60 minutes after the decision"
    assert (info["horizon_days"], info["min_lead_minutes"]) == (7, 60)
    assert {"threshold", "trained_through", "metrics", "levels"} <= info.keys()


def test_metrics_are_those_of_test_if_this_version_was_evaluated(client, products):
    assert client.get("/model-info").json["metrics"]["on"] == "validation"
    found = {
        "version": FIRST,
        "test": {"rows": 9},
        "models": {"XGBoost": {"pr_auc": {"value": 0.5, "low": 0.4, "high": 0.6}}},
    }
    (products / "metrics.json").write_text(json.dumps(found))
    metrics = client.get("/model-info").json["metrics"]
    assert (metrics["on"], metrics["rows"], metrics["values"]["pr_auc"]["low"]) == ("test", 9, 0.4)
    (products / "metrics.json").write_text(json.dumps(found | {"version": SECOND}))
    assert client.get("/model-info").json["metrics"]["on"] == "validation"


def test_examples_score_as_stored(client):
    for example in client.get("/examples").json["examples"]:
        (prediction,) = client.post("/predict", json={"features": [example["features"]]}).json["predictions"]
        assert prediction["probability"] == example["probability"]


def test_models_lists_versions_and_marks_the_champion(client):
    assert client.get("/models").json == {"versions": [FIRST, SECOND, THIRD], "champion": FIRST}


def test_a_swap_and_the_way_back(keyed):
    for version, before in ((SECOND, FIRST), (FIRST, SECOND), (FIRST, FIRST)):
        answer = keyed.post("/load-model", json={"version": version}, headers=ADMIN)
        worker = {"worker": 0, "pid": os.getpid(), "model_version": version, "behind": False, "dropped_log_lines": 0}
        assert answer.json == {
            "model_version": version,
            "previous_version": before,
            "everywhere": True,
            "workers": [worker],
        }
        predicted = keyed.post("/predict", json={"features": [{"hour": 1}]}, headers=ADMIN).json
        assert predicted["model_version"] == version


def test_a_damaged_version_is_a_409_with_the_reason(keyed, products):
    (products / "models" / SECOND / "trees.npz").write_bytes(b"PK")
    answer = keyed.post("/load-model", json={"version": SECOND}, headers=ADMIN)
    assert answer.status_code == 409
    assert "trees.npz" in answer.json["error"]["message"]
    assert keyed.get("/models", headers=ADMIN).json["champion"] == FIRST


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 99_999, 422),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"version": null}', 422),
        (b'{"version": 7}', 422),
        (b'{"version": ""}', 422),
        (b'{"version": "x", "path": "/etc"}', 422),
        (b'{"version": "../../etc"}', 409),
        (b'{"version": "\\u0000"}', 409),
        (b'{"version": "xgboost_20240101_000000\\n"}', 409),
    ],
)
def test_any_other_body_is_refused(keyed, body, status):
    answer = keyed.post("/load-model", data=body, content_type="application/json", headers=ADMIN)
    assert answer.status_code == status, answer.data
