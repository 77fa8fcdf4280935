"""Secrets from files, rotated while the server runs."""

from hashlib import sha256

import pytest
from server import wait_for

from app.access.keys import find
from app.secrets import Watch
from app.settings import Settings, SettingsError
from app.worker import rotate

OLD, NEW = {"X-API-Key": "old-key-1"}, {"X-API-Key": "new-key-1"}
EVENT = {"user_id": "u", "item_id": "i", "event_type": "view", "timestamp": "2024-01-01T00:00:00Z"}


def digest(key):
    return f"{sha256(key.encode()).hexdigest()}:predict\n"


@pytest.mark.parametrize("content", ["some-key-1:predict\n", f"# ours\n\n{digest('some-key-1')}"])
def test_a_file_holds_keys_or_their_digests(tmp_path, content):
    (tmp_path / "keys").write_text(content)
    settings = Settings.from_environment({"WILLBUY_API_KEYS_FILE": str(tmp_path / "keys")})
    assert find(settings.keys, "some-key-1") == 0


def test_a_file_holds_the_address_of_the_store(tmp_path):
    (tmp_path / "url").write_text("redis://:password@there:6379/0\n")
    assert Settings.from_environment({"WILLBUY_STORE_FILE": str(tmp_path / "url")}).store.endswith("there:6379/0")


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b"", "empty"), (b"\xff\xfe", "no UTF-8")])
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path, content, said):
    if content is not None:
        (tmp_path / "keys").write_bytes(content)
    with pytest.raises(SettingsError, match=f"WILLBUY_API_KEYS_FILE.*{said}"):
        Settings.from_environment({"WILLBUY_API_KEYS_FILE": str(tmp_path / "keys")})


def test_two_places_for_one_secret_are_refused(tmp_path):
    (tmp_path / "keys").write_text("some-key-1:predict")
    given = {"WILLBUY_API_KEYS_FILE": str(tmp_path / "keys"), "WILLBUY_API_KEYS": "other-key:predict"}
    with pytest.raises(SettingsError, match="WILLBUY_API_KEYS is set, too"):
        Settings.from_environment(given)


def test_a_change_is_told_once_and_an_absence_is_none(tmp_path):
    path = tmp_path / "keys"
    path.write_text("1")
    watch = Watch({"WILLBUY_API_KEYS": str(path), "WILLBUY_STORE": "redis://there"})
    assert not watch.has_changed()
    path.write_text("22")
    assert (watch.has_changed(), watch.has_changed()) == (True, False)
    path.unlink()
    assert not watch.has_changed()
    path.write_text("22")
    assert watch.has_changed()
    assert not Watch({"WILLBUY_API_KEYS": "some-key-1:predict"}).has_changed()


def test_keys_that_cannot_be_used_leave_the_ones_before(make_app, tmp_path):
    path = tmp_path / "keys"
    path.write_text("old-key-1:predict")
    app = make_app(WILLBUY_API_KEYS_FILE=str(path), WILLBUY_RATE_LIMIT="100")
    client, environment = app.test_client(), {"WILLBUY_API_KEYS_FILE": str(path)}
    path.write_text("short:predict")
    rotate(app, environment)
    assert client.get("/models", headers=OLD).status_code == 200
    path.write_text("first-key:predict,new-key-1:predict")
    rotate(app, environment)
    assert [client.get("/models", headers=key).status_code for key in (OLD, NEW)] == [401, 200]


@pytest.mark.slow
def test_workers_take_new_secrets_without_a_restart(serve, tmp_path):
    keys, store = tmp_path / "keys", tmp_path / "store"
    keys.write_text("old-key-1:predict+events")
    store.write_text(str(tmp_path / "first.sqlite"))
    server = serve(workers=2, WILLBUY_API_KEYS_FILE=keys, WILLBUY_STORE_FILE=store)
    assert server.ask("POST", "/events", {"events": [EVENT]}, OLD)[2]["accepted"] == 1
    keys.write_text("new-key-1:predict+events")
    store.write_text(str(tmp_path / "second.sqlite"))
    rotated = "secrets rotated"
    wait_for(lambda: len({line["pid"] for line in server.lines() if line.get("event") == rotated}) == 2)
    wait_for(lambda: [server.ask("GET", "/models", None, key)[0] for key in (OLD, NEW) * 5] == [401, 200] * 5)
    assert server.ask("POST", "/events", {"events": [EVENT]}, NEW)[2]["accepted"] == 1
    assert "old-key-1" not in server.log.read_text() and "new-key-1" not in server.log.read_text()
