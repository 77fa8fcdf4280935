"""The context of the moment: from the request to the model, as training saw it."""

import numpy as np
import pytest
import small_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replay import iso, post, predict

from willbuy.models import registry

T = 1_704_067_200_000_000
VERSION = "xgboost_20240104_000000"
MOMENT = {"user_id": "u", "item_id": "i", "timestamp": iso(T)}


@pytest.fixture
def products(products):
    small_model.save(products, VERSION, seed=4, encoding=small_model.WITH_CONTEXT)
    return products


@pytest.fixture
def model(products):
    return registry.load(products / "models" / VERSION)


def refused(client, path="/predict", **body):
    answer = client.post(path, json=body)
    assert answer.status_code == 422, answer.json
    return answer.json["error"]["details"]


def test_rows_bring_contexts_as_features_and_get_the_pipelines_probabilities(client, model):
    rows = small_model.table(200, 9, small_model.WITH_CONTEXT)
    found = client.post("/predict", json={"features": small_model.as_rows(rows)}).json["predictions"]
    assert [row["probability"] for row in found] == model.predict(rows).tolist()
    assert len({row["probability"] for row in found}) > 10


def test_a_decision_point_brings_its_context(client, model):
    rows = [
        {**MOMENT, "context": {"channel": channel, "device": "phone"}} for channel in ("email", "search", "tv", None)
    ]
    found = predict(client, rows)
    assert [row["features"]["context_channel"] for row in found] == ["email", "search", "tv", None]
    assert {row["features"]["context_device"] for row in found} == {"phone"}
    again = client.post("/predict", json={"features": [row["features"] for row in found]}).json["predictions"]
    assert [row["probability"] for row in again] == [row["probability"] for row in found]
    assert found[0]["probability"] != found[1]["probability"]
    assert not any("missing" in row for row in found)


def test_what_is_left_out_is_null_and_said_to_be_missing_if_train_always_knew_it(client):
    for row in (MOMENT, MOMENT | {"context": {}}, MOMENT | {"context": None}, MOMENT | {"context": {"device": None}}):
        (found,) = predict(client, [row])
        assert (found["features"]["context_channel"], found["features"]["context_device"]) == (None, None)
        assert found["missing"] == ["context_device"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(level=st.text())
def test_no_level_is_refused_and_what_training_never_saw_is_other(client, level):
    known = level if level in ("email", "search") else "other"
    rows = [{**MOMENT, "context": {"channel": name, "device": "phone"}} for name in (level, known)]
    one, same = (row["probability"] for row in predict(client, rows))
    assert one == same
    named = [{"is_cart": 0, "context_channel": name} for name in (level, known)]
    answer = client.post("/predict", json={"features": named}).json["predictions"]
    assert answer[0]["probability"] == answer[1]["probability"]


def test_a_ranking_is_of_the_context_that_it_names(client):
    body = {"user_id": "u", "items": ["i", "j"], "timestamp": iso(T)}
    for context in ({"channel": "email", "device": "phone"}, {"channel": "never seen"}, None):
        ranked = client.post("/rank", json={**body, "context": context}).json["items"]
        expected = predict(client, [{**MOMENT, "context": context}])[0]["probability"]
        assert [row["probability"] for row in ranked] == [expected, expected]


def test_a_context_that_the_model_does_not_read_is_refused_and_the_near_one_named(client):
    (problem,) = refused(client, features=[MOMENT, MOMENT | {"context": {"chanel": "email", "device": "phone"}}])
    assert problem == {
        "row": 1, "field": "context.chanel", "problem": "is not known; did you mean channel?",
        "allowed": "channel, device",
    }  # fmt: skip
    (problem,) = refused(client, "/rank", user_id="u", items=["i"], context={"weather": "rain"})
    assert (problem["field"], problem["problem"]) == ("context.weather", "is not known")
    (problem,) = refused(client, features=[{"is_cart": 1, "context": {"channel": "email"}}])
    assert (problem["field"], problem["problem"]) == ("context", "goes with no features")
    (problem,) = refused(client, features=[MOMENT | {"context": {"channel": 5}}])
    assert problem["field"] == "context"


def test_a_model_without_contexts_says_that_it_reads_none(client):
    client.application.champion.swap(small_model.FIRST)
    (problem,) = refused(client, features=[MOMENT | {"context": {"channel": "email"}}])
    assert problem["allowed"] == "nothing: the model reads no context"


def test_events_may_tell_any_context_and_are_the_same_events(client):
    event = {**MOMENT, "event_type": "view"}
    assert post(client, [event | {"context": {"channel": "email", "weather": None}}])["accepted"] == 1
    assert post(client, [event, event | {"context": {"channel": "search"}}])["duplicates"] == 2
    (problem,) = refused(client, "/events", events=[event | {"context": {"channel": 5}}])
    assert problem["field"] == "context"


def test_the_last_events_context_is_not_taken_for_that_of_the_decision(client):
    post(client, [MOMENT | {"event_type": "view", "context": {"channel": "email", "device": "phone"}}])
    (found,) = predict(client, [MOMENT | {"timestamp": iso(T + 1)}])
    assert found["features"]["context_channel"] is None and found["features"]["view_count_1h"] == 1


def test_the_served_matrix_is_the_encodings(app, model):
    served = app.champion.current()
    rows = small_model.table(50, 3, small_model.WITH_CONTEXT)
    rows.loc[:9, "context_channel"] = "never seen"
    context = rows[list(small_model.CONTEXTS)].astype(object).where(rows.notna(), None).to_dict(orient="records")
    categories = list(small_model.LEVELS)
    computed = rows[list(small_model.NAMES)].copy()
    computed["item_category"] = [
        np.nan if c is None or c != c else categories.index(c)
        for c in computed.item_category.astype(object).where(rows.item_category.notna(), None)
    ]
    matrix = served.encoded(computed.to_numpy(float).T, categories, context)
    np.testing.assert_array_equal(matrix, model.encoding.matrix(rows))
