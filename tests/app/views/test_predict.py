"""Answers: what is asked for, from the champion, to the bit."""

import numpy as np
import pandas as pd
import pytest
import small_model
from replay import post, predict, put
from small_model import FIRST

from app.views.predict import MOST_MISSING
from willbuy.features.definitions import FEATURES
from willbuy.models import registry

README = {  # word for word the request of the README this API goes back to
    "features": [
        {
            "user_id": "user_000042",
            "item_id": "item_000007",
            "item_price": 79.99,
            "item_base_price": 99.99,
            "item_discount_pct": 20.0,
            "item_category": "Electronics",
            "view_count_7d": 5,
            "cart_count_7d": 1,
        }
    ],
    "return_probabilities": True,
    "threshold": 0.5,
}


def ask(client, **request):
    answer = client.post("/predict", json=request)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture(scope="module")
def rows():
    return small_model.table(300, seed=77)


def test_the_known_request_works_as_it_stands(client):
    answer = client.post("/predict", json=README)
    assert answer.status_code == 200
    (prediction,) = answer.json["predictions"]
    assert prediction["prediction"] == int(prediction["probability"] >= 0.5)
    assert (prediction["user_id"], prediction["item_id"]) == ("user_000042", "item_000007")
    assert (answer.json["threshold"], answer.json["model_version"]) == (0.5, FIRST)


def test_probabilities_are_the_pipelines_to_the_bit(client, products, rows):
    expected = registry.load(products / "models" / FIRST).predict(rows)
    answer = ask(client, features=small_model.as_rows(rows))
    assert np.array_equal([p["probability"] for p in answer["predictions"]], expected)


def test_the_expected_value_is_the_probability_times_the_price_where_that_is_known(client):
    priced, unpriced = ask(client, features=[{"item_price": 80.5}, {"view_count_7d": 5}])["predictions"]
    assert priced["expected_value"] == priced["probability"] * 80.5
    assert "expected_value" not in unpriced
    put(client, [{"item_id": "i", "price": 12.5, "timestamp": "2024-01-01T00:00:00Z"}])
    decisions = [{"user_id": "u", "item_id": "i", "price": price} for price in (99.0, None)]
    own, none, known = predict(client, [*decisions, {"user_id": "u", "item_id": "i"}])
    assert own["expected_value"] == own["probability"] * 99
    assert known["expected_value"] == known["probability"] * 12.5
    assert "expected_value" not in none
    assert (
        "expected_value" not in ask(client, features=[{"item_price": 1}], return_probabilities=False)["predictions"][0]
    )


def test_a_row_scores_the_same_alone_and_among_others(client, rows):
    rows = small_model.as_rows(rows)[:20]
    together = ask(client, features=rows)["predictions"]
    assert together == [ask(client, features=[row])["predictions"][0] for row in rows]


def test_the_models_threshold_is_the_default_and_another_changes_predictions_only(client, rows):
    rows = small_model.as_rows(rows)
    usual, low = ask(client, features=rows), ask(client, features=rows, threshold=0.0)
    assert usual["threshold"] == 0.3
    assert {p["prediction"] for p in low["predictions"]} == {1}
    assert [p["probability"] for p in usual["predictions"]] == [p["probability"] for p in low["predictions"]]


def test_probabilities_can_be_left_out(client):
    (prediction,) = ask(client, features=[{"user_id": "u", "item_id": "i"}], return_probabilities=False)["predictions"]
    assert prediction.keys() == {"user_id", "item_id", "prediction", "unknown"}


def test_all_reasons_and_the_base_add_up_to_the_log_odds(client, rows):
    answer = ask(client, features=small_model.as_rows(rows)[:10], explain=1000)
    for prediction in answer["predictions"]:
        shares = [c["contribution"] for c in prediction["contributions"]]
        assert len(shares) == len(small_model.NAMES)
        assert shares == sorted(shares, key=abs, reverse=True)
        assert abs(answer["base_log_odds"] + sum(shares) - prediction["log_odds"]) < 1e-5


def test_the_strongest_reason_is_the_feature_that_made_the_label(client):
    row = {"view_count_7d": 30, "item_category": "Books"}
    (prediction,) = ask(client, features=[row], explain=1)["predictions"]
    assert prediction["contributions"][0]["feature"] == "view_count_7d"
    assert prediction["contributions"][0]["contribution"] > 0


def test_a_count_below_0_is_refused_by_name(client):
    answer = client.post("/predict", json={"features": [{"view_count_7d": -1}]})
    assert answer.status_code == 422
    (problem,) = answer.json["error"]["details"]
    assert (problem["row"], problem["field"]) == (0, "view_count_7d")
    assert problem["allowed"].startswith("a number from 0 ")


def test_a_row_that_lacks_what_is_never_null_is_scored_and_says_so(client, rows):
    whole = small_model.as_rows(rows)[0]
    partial = {name: value for name, value in whole.items() if name not in ("hour", "view_count_7d")}
    first, second, third = ask(client, features=[whole, partial, {"hour": None}])["predictions"]
    assert "missing" not in first and "missing_count" not in first
    assert (second["missing"], second["missing_count"]) == (["view_count_7d", "hour"], 2)
    never_null = [f.name for f in FEATURES if not f.nullable]
    assert (third["missing"], third["missing_count"]) == (never_null[:MOST_MISSING], len(never_null))
    scrape = client.get("/metrics").text
    assert f'willbuy_incomplete_rows_total{{version="{FIRST}"}} 2.0' in scrape
    assert f'willbuy_rows_total{{version="{FIRST}"}} 3.0' in scrape


def test_a_row_from_the_store_lacks_nothing(client):
    (prediction,) = ask(client, features=[{"user_id": "u", "item_id": "i"}])["predictions"]
    assert "missing" not in prediction


def test_without_a_model_the_answer_says_what_to_do(tmp_path, make_app):
    client = make_app(WILLBUY_PRODUCTS=str(tmp_path / "nothing")).test_client()
    answer = client.post("/predict", json=README)
    assert answer.status_code == 503
    assert "build a model" in answer.json["error"]["message"]


def test_every_row_of_the_pipelines_predictions_is_answered_the_same_to_the_bit(sample, make_app):
    products = sample.products
    client = make_app(WILLBUY_PRODUCTS=str(products)).test_client()
    names = [feature["name"] for feature in client.get("/model-info").json["features"]]
    features = pd.read_parquet(products / "features" / "test.parquet")[names]
    expected = pd.read_parquet(products / "predictions.parquet")[["probability", "expected_value"]].to_numpy()
    found = [
        [prediction["probability"], prediction["expected_value"]]
        for start in range(0, len(features), 1000)
        for prediction in ask(client, features=small_model.as_rows(features[start : start + 1000]))["predictions"]
    ]
    assert len(found) == len(expected) and np.array_equal(found, expected)


def test_whom_and_what_nothing_is_known_of_is_scored_and_told(client):
    put(client, [{"item_id": "told", "price": 1}])
    post(client, [{"user_id": "seen", "item_id": "other", "event_type": "view", "timestamp": "2024-01-01T00:00:00Z"}])
    at = {"timestamp": "2024-01-01T00:00:01Z"}
    rows = [at | {"user_id": user, "item_id": item} for user in ("seen", "new") for item in ("told", "other")]
    before = {"timestamp": "2024-01-01T00:00:00Z", "user_id": "seen", "item_id": "told"}
    found = predict(client, [*rows, before])
    told = [None, ["item_id"], ["user_id"], ["user_id", "item_id"], ["user_id"]]
    assert [row.get("unknown") for row in found] == told
    assert all("probability" in row for row in found)
    ranked = client.post("/rank", json=at | {"user_id": "new", "items": ["told", "other"]}).json["items"]
    assert {row["item_id"]: row["unknown"] for row in ranked} == {"told": ["user_id"], "other": ["user_id", "item_id"]}
    asked = client.get("/features?user_id=new&item_id=other&at=2024-01-01T00:00:01Z").json
    assert (asked["unknown"], len(asked["features"])) == (["user_id", "item_id"], len(FEATURES))
    counts = client.get("/metrics").text
    assert "willbuy_unknown_users_total 5.0" in counts and "willbuy_unknown_items_total 3.0" in counts
