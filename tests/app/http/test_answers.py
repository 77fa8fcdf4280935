"""What every answer carries, and what the log says of it."""

import json

import pytest

ORIGIN = {"Origin": "https://shop.example"}
PATHS = ("/", "/health", "/predict", "/nowhere", "/docs", "/static/home.js", "/metrics")


@pytest.mark.parametrize("path", PATHS)
def test_security_headers_are_on_every_answer(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src" in headers["Content-Security-Policy"] or path == "/static/home.js"
    assert len(headers.getlist("Content-Security-Policy")) <= 1


def test_data_is_not_stored_and_may_load_nothing(client):
    headers = client.get("/health").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_good_request_id_comes_back_and_another_is_replaced(client):
    given = client.get("/health", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"]
    other = [
        client.get("/health", headers={"X-Request-ID": bad}).headers["X-Request-ID"] for bad in ("a b", "x" * 65, "é")
    ]
    assert given == "abc-123"
    assert len({*other, "a b", "x" * 65, "é"}) == 6


def test_cors_is_closed_by_default_and_open_to_a_list(client, make_app):
    listed = make_app(WILLBUY_CORS_ORIGINS="https://shop.example").test_client()
    assert "Access-Control-Allow-Origin" not in client.get("/health", headers=ORIGIN).headers
    assert (
        "Access-Control-Allow-Origin" not in listed.get("/health", headers={"Origin": "https://evil.example"}).headers
    )
    answer = listed.get("/health", headers=ORIGIN)
    assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == ("https://shop.example", "Origin")


def test_a_preflight_says_what_may_be_sent(make_app):
    client = make_app(WILLBUY_CORS_ORIGINS="https://shop.example", WILLBUY_API_KEYS="a-long-key:predict").test_client()
    answer = client.options("/predict", headers=ORIGIN)
    assert answer.status_code == 200
    assert "X-API-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_405_says_what_is_allowed(client):
    answer = client.get("/predict")
    assert (answer.status_code, sorted(answer.headers["Allow"].split(", "))) == (405, ["OPTIONS", "POST"])


def test_the_log_line_tells_what_happened_and_no_value_or_key(keyed, capfd):
    body = {"features": [{"user_id": "user-secret-7", "item_price": 1234.5678}]}
    keyed.post("/predict", json=body, headers={"X-API-Key": "predict-key", "X-Request-ID": "r-1"})
    keyed.post("/predict?key=predict-key", json=body, headers={"X-API-Key": "predict-key"})
    logged = capfd.readouterr().err
    line = next(json.loads(line) for line in logged.splitlines() if '"r-1"' in line)
    assert (line["route"], line["status"], line["rows"], line["key"], line["method"]) == ("/predict", 200, 1, 0, "POST")
    assert line["ms"] > 0
    assert not any(secret in logged for secret in ("predict-key", "user-secret-7", "1234.5678"))


def test_an_unforeseen_error_is_a_500_without_details_and_the_log_says_where(app, capfd, monkeypatch):
    def fail():
        raise RuntimeError("user-secret-7")

    monkeypatch.setattr(app.champion, "current", fail)
    answer = app.test_client().get("/health")
    logged = capfd.readouterr().err
    assert (answer.status_code, answer.json["error"]["type"]) == (500, "internal_error")
    assert "secret" not in answer.text + logged
    assert answer.json["error"]["request_id"] in logged and "RuntimeError" in logged and "health.py" in logged
