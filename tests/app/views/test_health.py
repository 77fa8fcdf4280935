import re

from small_model import FIRST, save


def test_alive_and_ready_with_a_model(client):
    assert client.get("/health").json == {"status": "ok", "ready": True, "model_version": FIRST}
    assert (client.get("/livez").status_code, client.get("/readyz").status_code) == (200, 200)


def test_alive_but_not_ready_without_one_and_ready_as_soon_as_there_is(make_app, tmp_path):
    client = make_app(WILLBUY_PRODUCTS=str(tmp_path / "later")).test_client()
    assert (client.get("/livez").status_code, client.get("/readyz").status_code) == (200, 503)
    assert "build a model first" in client.get("/health").json["problem"]
    save(tmp_path / "later", FIRST, rounds=3)
    assert client.get("/readyz").status_code == 200


def test_a_store_that_is_away_is_known_and_leaves_it_ready(make_app, tmp_path):
    place = tmp_path / "online.sqlite"
    client = make_app(WILLBUY_STORE=str(place)).test_client()
    assert client.get("/readyz").json == {"status": "ready", "store": True}
    assert up(client) == 1
    place.unlink()
    place.mkdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["store"]) == (200, False)
    assert "the store does not answer" in answer.json["status"]
    assert str(tmp_path) not in answer.text
    assert up(client) == 0


def up(client):
    return float(re.search(r"^willbuy_store_up (.*)$", client.get("/metrics").text, re.MULTILINE).group(1))


def test_metrics_tell_what_was_built(client):
    assert re.search(r'^willbuy_build\{version="\d[^"]*"\} 1.0$', client.get("/metrics").text, re.MULTILINE)
