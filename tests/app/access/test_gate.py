"""Who is let in, decided for each endpoint by name."""

import pytest
from flask import Flask
from small_model import FIRST

from app.access.gate import Gate
from app.settings import Settings

PREDICT, ADMIN = {"X-API-Key": "predict-key"}, {"X-API-Key": "admin-key-1"}
OPEN = ("/", "/health", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json", "/static/home.js")
CLOSED = ("/model-info", "/models", "/examples", "/reports/evaluate.html")


@pytest.mark.parametrize("path", OPEN)
def test_open_endpoints_need_no_key(keyed, path):
    assert keyed.get(path).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("key", [None, "", "wrong", "predict-key ", "Predict-key", "predict-key,admin-key-1", "\xff"])
def test_others_answer_401_without_a_known_key(keyed, path, key):
    answer = keyed.get(path, headers={} if key is None else {"X-API-Key": key})
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_a_key_may_do_what_its_scopes_say(keyed):
    assert keyed.post("/predict", json={"features": [{"hour": 1}]}, headers=PREDICT).status_code == 200
    assert keyed.post("/load-model", json={"version": FIRST}, headers=PREDICT).status_code == 403
    assert keyed.post("/load-model", json={"version": FIRST}, headers=ADMIN).status_code == 200


@pytest.mark.parametrize("path", ["/predict/", "/Predict", "/predict/../health", "/health/predict", "/docs/x"])
def test_a_path_that_looks_like_another_is_not_it(keyed, path):
    assert keyed.get(path).status_code in (404, 405)


def test_without_keys_only_this_machine_is_answered(client):
    def status(address="127.0.0.1", **headers):
        return client.get("/health", environ_base={"REMOTE_ADDR": address}, headers=headers).status_code

    assert status() == status("::1") == status("127.8.8.8") == 200
    assert status("10.0.0.1") == status("") == status("localhost.evil") == 403
    for header in ("X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP", "Via"):
        assert status(**{header: "127.0.0.1"}) == 403
    assert status(Host="localhost:8000") == status(Host="[::1]:8000") == 200
    assert status(Host="rebound.example") == 403


def test_without_keys_no_model_can_be_loaded(client):
    answer = client.post("/load-model", json={"version": FIRST})
    assert (answer.status_code, answer.json["error"]["type"]) == (403, "off")


def test_over_the_limit_is_a_429_that_says_when_to_come_back(make_app):
    client = make_app(WILLBUY_RATE_LIMIT="3", WILLBUY_API_KEYS="first-key:predict,second-key:predict").test_client()
    first = [client.get("/models", headers={"X-API-Key": "first-key"}) for _ in range(5)]
    assert [a.status_code for a in first] == [200] * 3 + [429] * 2
    assert 0 < int(first[-1].headers["Retry-After"]) <= 60
    assert client.get("/models", headers={"X-API-Key": "second-key"}).status_code == 200
    assert client.get("/health").status_code == 200


def test_a_view_that_does_not_say_who_may_call_it_stops_the_start():
    app = Flask("other")
    app.add_url_rule("/", endpoint="forgotten", view_func=lambda: "")
    with pytest.raises(TypeError, match="forgotten"):
        Gate(app.view_functions, Settings.from_environment({}))


def test_a_route_that_came_after_the_gate_is_open_to_nobody(keyed):
    keyed.application.add_url_rule("/late", view_func=lambda: "secret")
    answer = keyed.get("/late")
    assert (answer.status_code, "secret" in answer.text) == (500, False)
