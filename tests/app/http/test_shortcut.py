"""The way past Flask's routing answers just as Flask would, and leaves the same behind."""

import json
from unittest.mock import patch

import pytest

from app import logs
from app.http.shortcut import Shortcut
from app.views import predict

KEY = {"X-API-Key": "predict-key"}
JSON = {"Content-Type": "application/json", "X-Request-ID": "mine"}
ROW = {"features": [{"user_id": "u", "item_id": "i", "view_count_7d": 5, "item_category": "Books"}]}
POSTS = {
    "a row": (ROW, KEY | JSON),
    "with reasons": (ROW | {"explain": 3}, KEY | JSON),
    "another origin": (ROW, KEY | JSON | {"Origin": "https://shop.example"}),
    "no key": (ROW, JSON),
    "a wrong key": (ROW, JSON | {"X-API-Key": "another-key"}),
    "a key without the scope": (ROW, JSON | {"X-API-Key": "metrics-key"}),
    "an unknown feature": ({"features": [{"nope": 1}]}, KEY | JSON),
    "not JSON": ("{", KEY | JSON),
    "another content type": ("a=b", KEY | JSON | {"Content-Type": "text/plain"}),
    "an empty body": ("", KEY | JSON),
    "a decision point": ({"features": [{"user_id": "u", "item_id": "i"}]}, KEY | JSON),
}


@pytest.fixture
def both(make_app, monkeypatch):
    """Ask one app past Flask's routing and another through it: answers, and what was counted and logged."""

    keys = "predict-key:predict,metrics-key:admin"
    settings = {"WILLBUY_CORS_ORIGINS": "https://shop.example", "WILLBUY_RATE_LIMIT": "100"}

    def ask(short, path, method, body, headers):
        if not short:
            monkeypatch.setattr(Shortcut, "__call__", lambda self, *asked: self._inside(*asked))
        app, left = make_app(WILLBUY_API_KEYS=keys, **settings), []
        monkeypatch.setattr(app.metrics, "count_request", lambda route, status, _: left.append((route, status)))
        monkeypatch.setattr(app.metrics, "count_scores", lambda version, *_: left.append(version))
        monkeypatch.setattr(logs, "write", lambda level, **said: left.append(said | dict.fromkeys(("ms", "at"))))
        content = body if isinstance(body, str) else json.dumps(body)
        answer = app.test_client().open(path, method=method, data=content, headers=headers)
        monkeypatch.undo()
        return answer.status_code, answer.data, sorted(answer.headers), left

    def both(*asked, path="/predict"):
        past, through = ask(True, path, *asked), ask(False, path, *asked)
        assert past == through
        assert len(past[-1]) >= 2  # counted and logged
        return past[0]

    return both


@pytest.mark.parametrize("case", POSTS)
def test_the_answer_is_the_same_either_way(both, case):
    assert both("POST", *POSTS[case]) < 500


@pytest.mark.parametrize(
    "path", ["/health", "/readyz", "/models", "/features?user_id=u", "/load-model", "/openapi.json"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_so_it_is_for_other_endpoints(both, method, path):
    both(method, {}, KEY | JSON, path=path)


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "HEAD", "PUT"])
def test_other_methods_are_flasks(both, method):
    both(method, *POSTS["a row"])


def test_a_failure_says_the_same_either_way(both):
    with patch.object(predict, "_predictions", side_effect=ZeroDivisionError):
        assert both("POST", *POSTS["a row"]) == 500


def test_the_limit_holds(make_app):
    client = make_app(WILLBUY_API_KEYS="predict-key:predict", WILLBUY_RATE_LIMIT="2").test_client()
    assert [client.post("/predict", json=ROW, headers=KEY).status_code for _ in range(3)] == [200, 200, 429]
