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
