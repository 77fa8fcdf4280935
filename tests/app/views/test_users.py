"""/users/{user_id}: a person gets what is kept of them, and can have it erased, from the files too."""

from urllib.parse import quote

import pytest
from replay import fresh_store, iso, post, predict

ADMIN = {"X-API-Key": "admin-key-1"}
KEYS = "admin-key-1:admin+events+predict,predict-key:predict"
T = 1_704_067_200_000_000
STORES = pytest.mark.parametrize("kind", ["embedded", "redis"])


def viewed(user, at=T, **more):
    return {"user_id": user, "item_id": "i", "event_type": "view", "timestamp": iso(at), **more}


@pytest.fixture
def asked(make_app, kind, request):
    """A client with a key, of an app with a store of that kind."""
    app = make_app(WILLBUY_API_KEYS=KEYS)
    fresh_store(app, kind, request)
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = "admin-key-1"
    return client


@STORES
def test_a_person_gets_all_that_is_kept(asked):
    post(asked, [viewed("u", T + 5, price=9.5), viewed("u", T, duration_seconds=2.25), viewed("other")])
    kept = asked.get("/users/u").json
    assert [event["timestamp"] for event in kept["events"]] == [iso(T), iso(T + 5)]
    assert [(event["price"], event["duration_seconds"]) for event in kept["events"]] == [(None, 2.25), (9.5, None)]
    assert (kept["user_id"], kept["first_before"], kept["latest_before"]) == ("u", None, {})
    assert asked.get("/users/nobody").json["events"] == []


@STORES
def test_what_is_erased_is_gone_and_others_stay(asked):
    post(asked, [viewed("u"), viewed("other")])
    assert asked.delete("/users/u").json == {"erased": 1}
    assert asked.get("/users/u").json["events"] == []
    assert len(asked.get("/users/other").json["events"]) == 1
    assert asked.delete("/users/u").json == {"erased": 0}
    row = {"user_id": "u", "item_id": "i", "timestamp": iso(T + 86_400_000_000)}
    features = predict(asked, [row])[0]["features"]
    assert (features["view_count_7d"], features["item_view_count_7d"]) == (0, 2)
    assert post(asked, [viewed("u")])["accepted"] == 1


def test_nothing_of_an_erased_user_is_in_the_files(make_app, tmp_path):
    app = make_app(WILLBUY_API_KEYS=KEYS, WILLBUY_STORE=str(tmp_path / "online.sqlite"))
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = "admin-key-1"
    name = "somebody who wants to be forgotten"
    others = [viewed(f"another one {n}") for n in range(300)]
    post(client, [*others[:150], *(viewed(name, T + n) for n in range(200)), *others[150:]])
    post(client, [viewed(name, T + 1000 + n) for n in range(200)])
    bits = (T + 1199).to_bytes(8, "little")

    def holding(what):
        return [path.name for path in tmp_path.glob("online.sqlite*") if what in path.read_bytes()]

    assert holding(name.encode()) and holding(bits)
    assert client.delete(f"/users/{name}").json == {"erased": 1}
    assert (holding(name.encode()), holding(bits)) == ([], [])
    assert len(client.get("/users/another one 299").json["events"]) == 1


def test_nothing_of_an_erased_user_is_in_the_commands_of_redis(make_app, redis_running):
    app = make_app(WILLBUY_API_KEYS=KEYS, WILLBUY_STORE=redis_running.url)
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = "admin-key-1"
    name = "somebody who wants to be forgotten"
    post(client, [viewed(name)])
    assert redis_running.holds(name.encode())
    assert client.delete(f"/users/{name}").json == {"erased": 1}
    redis_running.await_rewritten()
    assert not redis_running.holds(name.encode())


@STORES
@pytest.mark.parametrize("name", ["a/b", "/", "//a//", "ä ö", "..", "%41", "*", "?x=1", "{user_id}"])
def test_any_id_is_an_id(asked, name):
    post(asked, [viewed(name)])
    path = "/users/" + quote(name, safe="")
    assert len(asked.get(path).json["events"]) == 1
    assert asked.delete(path).json == {"erased": 1}


@pytest.mark.parametrize("method", ["get", "delete"])
def test_it_takes_the_scope_of_those_who_may_all(make_app, method):
    client = make_app(WILLBUY_API_KEYS=KEYS).test_client()
    headers = {"": 401, "predict-key": 403, "admin-key-1": 200}
    for key, status in headers.items():
        answer = getattr(client, method)("/users/u", headers={"X-API-Key": key} if key else {})
        assert answer.status_code == status
    long = getattr(client, method)("/users/" + "u" * 201, headers=ADMIN)
    assert (long.status_code, long.json["error"]["details"][0]["field"]) == (422, "user_id")


def test_without_keys_it_is_off(client):
    assert client.delete("/users/u").status_code == 403


def test_both_are_documented(client):
    described = client.get("/openapi.json").json["paths"]["/users/{user_id}"]
    assert described.keys() == {"get", "delete"}
    for operation in described.values():
        (parameter,) = operation["parameters"]
        assert (parameter["name"], parameter["in"], parameter["required"]) == ("user_id", "path", True)
        assert {"422", "503"} <= operation["responses"].keys()
    assert client.get("/").json["endpoints"]["/users/{user_id}"].count(":") == 2
