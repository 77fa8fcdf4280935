"""What an answer tells, how much of it, and to whom."""

import json

import pytest

from app.http.errors import MOST_TOLD

SECRETS = ("/tmp", "online.sqlite", "shopper-1")
HAPPENED = {"user_id": "shopper-1", "item_id": "i", "event_type": "view", "timestamp": "2024-01-01T00:00:00Z"}


def test_a_long_list_of_problems_is_cut_and_counted(client):
    rows = [{f"unknown {n}": 1 for n in range(5)} for _ in range(1000)]
    answer = client.post("/predict", json={"features": rows})
    assert answer.status_code == 422
    assert answer.json["error"]["message"].startswith("5000 problems")
    assert len(answer.json["error"]["details"]) == MOST_TOLD
    assert len(answer.data) < len(json.dumps(rows))


@pytest.mark.parametrize("path", ["/health", "/readyz", "/openapi.json", "/", "/metrics"])
def test_strangers_read_nothing_of_the_machine_or_of_a_shopper(make_app, products, path):
    client = make_app(WILLBUY_API_KEYS="some-key-1:predict+events").test_client()
    golden = json.loads(next(products.glob("models/*/model.json")).read_text())["golden"][-1]["features"]
    (products / "models" / "current.json").write_text("{")
    told = client.get(path).data.decode()
    assert not any(secret in told for secret in (*SECRETS, str(products)))
    assert not any(f"{value}," in told for value in golden.values() if isinstance(value, float) and value % 1)


def test_a_store_that_does_not_answer_says_neither_where_it_is_nor_of_whom(make_app, tmp_path):
    (tmp_path / "online.sqlite").write_bytes(b"not a database " * 1000)
    client = make_app(WILLBUY_STORE=str(tmp_path / "online.sqlite")).test_client()
    for path, body in (("/events", {"events": [HAPPENED]}), ("/predict", {"features": [HAPPENED]})):
        answer = client.post(path, json=body)
        assert answer.status_code == 503
        assert not any(secret in answer.data.decode() for secret in SECRETS)


EDGES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]


@pytest.mark.parametrize("time", EDGES)
def test_a_time_at_the_edge_of_the_calendar_is_refused_with_its_row(client, time):
    edge = HAPPENED | {"timestamp": time}
    item = {"item_id": "i", "price": 1.0}
    answers = {
        "timestamp": [
            client.post("/events", json={"events": [HAPPENED, edge]}),
            client.post("/predict", json={"features": [HAPPENED, edge]}),
            client.put("/items", json={"items": [item, item | {"timestamp": time}]}),
            client.post("/rank", json={"user_id": "u", "items": ["i"], "timestamp": time}),
        ],
        "at": [client.get("/features", query_string={"user_id": "u", "item_id": "i", "at": time})],
    }
    for field, refused in answers.items():
        for answer in refused:
            assert answer.status_code == 422, answer.json
            assert answer.json["error"]["details"][0]["field"] == field
            assert "1900 to 2199" in answer.json["error"]["details"][0]["allowed"]
    assert [a.json["error"]["details"][0]["row"] for a in answers["timestamp"]] == [1, 1, 1, None]
