"""The way past Flask's routing answers /predict just as Flask would."""

import json

import pytest

from app import predict, shortcut

KEY = {"X-API-Key": "predict-key"}
JSON = {"Content-Type": "application/json"}
ROW = {"features": [{"user_id": "u", "item_id": "i", "view_count_7d": 5, "item_category": "Books"}]}
ASKED = {
    "a row": (ROW, KEY | JSON),
    "with reasons": (ROW | {"explain": 3}, KEY | JSON),
    "its own request id": (ROW, KEY | JSON | {"X-Request-ID": "mine"}),
    "another origin": (ROW, KEY | JSON | {"Origin": "https://shop.example"}),
    "no key": (ROW, JSON),
    "a wrong key": (ROW, JSON | {"X-API-Key": "another-key"}),
    "a key without the scope": (ROW, JSON | {"X-API-Key": "metrics-key"}),
    "an unknown feature": ({"features": [{"nope": 1}]}, KEY | JSON),
    "not JSON": ("{", KEY | JSON),
    "another content type": ("a=b", KEY),
    "an empty body": ("", KEY | JSON),
    "a moment": ({"features": [{"user_id": "u", "item_id": "i"}]}, KEY | JSON),
    "a failure": (ROW, KEY | JSON),
}


@pytest.fixture(params=["POST", "OPTIONS", "GET", "PUT"])
def method(request):
    return request.param


@pytest.fixture
def client(make_app, monkeypatch):
    """A client, with Flask's routing or past it."""
    keys = "predict-key:predict,metrics-key:admin"
    app = make_app(WILLBUY_API_KEYS=keys, WILLBUY_CORS_ORIGINS="https://shop.example", WILLBUY_RATE_LIMIT="100")

    def ask(through_flask, method, body, headers):
        monkeypatch.setattr(shortcut, "PATH", "/nowhere" if through_flask else "/predict")
        body = body if isinstance(body, str) else json.dumps(body)
        answer = app.test_client().open("/predict", method=method, data=body, headers=headers)
        content = answer.get_json(silent=True) or answer.get_data()
        if isinstance(content, dict):
            content.get("error", {}).pop("request_id", None)
        headers = [header for header in answer.headers if header[0] not in ("X-Request-ID", "Content-Length")]
        return answer.status_code, content, sorted(headers)

    return ask


@pytest.mark.parametrize("case", ASKED)
def test_the_answer_is_the_same_either_way(client, method, case, monkeypatch):
    body, headers = ASKED[case]
    if case == "a failure":
        monkeypatch.setattr(predict, "_predictions", lambda *_: 1 / 0)
    past, through = (client(way, method, body, headers) for way in (False, True))
    assert past == through
    if method == "POST" and case in ("a row", "a failure"):
        assert past[0] == {"a row": 200, "a failure": 500}[case]
