import re
from hashlib import sha256

import pytest

from app.access.keys import find
from app.settings import Settings, SettingsError


def test_the_defaults_are_closed_and_local():
    settings = Settings.from_environment({})
    assert (settings.keys, settings.rate_limit, settings.cors_origins) == ((), 0, frozenset())
    assert settings.models.parts[-2:] == ("products", "models")


def test_keys_come_from_the_variable_or_from_a_file_of_digests(tmp_path):
    digest = sha256(b"from-a-file").hexdigest()
    (tmp_path / "keys").write_text(f"# who has it\n{digest}:predict+admin  # the shop\n\n")
    inline = Settings.from_environment({"WILLBUY_API_KEYS": "a:key:with:colons:predict, another-key:admin"}).keys
    filed = Settings.from_environment({"WILLBUY_API_KEYS": str(tmp_path / "keys")}).keys
    assert find(inline, "a:key:with:colons") == 0
    assert (find(inline, "another-key"), inline[1].scopes) == (1, {"admin"})
    assert (find(filed, "from-a-file"), filed[0].scopes) == (0, {"predict", "admin"})


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WILLBUY_API_KEYS", "secret-key-of-ours", "entry 1"),
        ("WILLBUY_API_KEYS", "secret-key-of-ours:everything", "predict, admin"),
        ("WILLBUY_API_KEYS", "short:predict", "8 characters"),
        ("WILLBUY_API_KEYS", " , ", "no key in it"),
        ("WILLBUY_API_KEY", "some-key-1:predict", "did you mean WILLBUY_API_KEYS"),
        ("WILLBUY_RATELIMIT", "5", "did you mean WILLBUY_RATE_LIMIT"),
        ("WILLBUY_RATE_LIMIT", "-1", "whole number"),
        ("WILLBUY_RATE_LIMIT", "2000000", "1000000"),
        ("WILLBUY_CORS_ORIGINS", "*", "https://"),
        ("WILLBUY_CORS_ORIGINS", "https://shop.example/path", "https://"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_a_key_never_shown(variable, value, said):
    with pytest.raises(SettingsError, match=re.escape(said)) as refused:
        Settings.from_environment({variable: value})
    assert variable in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_bad_line_of_a_key_file_is_named(tmp_path):
    (tmp_path / "keys").write_text("# one\nnot-a-digest:predict\n")
    with pytest.raises(SettingsError, match="line 2"):
        Settings.from_environment({"WILLBUY_API_KEYS": str(tmp_path / "keys")})


def test_workers_of_one_parent_share_one_state_folder():
    assert Settings.from_environment({}).state == Settings.from_environment({}).state


def test_a_key_file_without_a_key_is_no_way_to_serve_without_keys(tmp_path):
    (tmp_path / "keys").write_text(f"# {'0' * 64}:predict\n\n")
    with pytest.raises(SettingsError, match="no key in it"):
        Settings.from_environment({"WILLBUY_API_KEYS": str(tmp_path / "keys")})


def test_variables_of_others_are_let_be():
    Settings.from_environment({"WILLBUY_THREADS": "1", "WILLBUY_MEMORY_LIMIT": "1GB", "OTHER_API_KEYS": "x"})
