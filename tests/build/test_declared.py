import pytest

from willbuy.build.declared import declared
from willbuy.build.parameters import ParameterError

BROKEN = {
    "": "env.yaml is empty",
    "# a comment\n": "env.yaml is empty",
    "- users\n": "env.yaml holds no names with values",
    "users": "env.yaml holds no names with values",
    "42": "env.yaml holds no names with values",
    "users: [1\n": "env.yaml, line 2, column 1: this is no YAML: expected ',' or ']'",
    "users:\n\t- 3\n": "env.yaml, line 2, column 1: this is no YAML: found character",
    "users: *many\n": "env.yaml, line 1, column 8: this is no YAML: found undefined alias 'many'",
    "users: 1\n---\nitems: 2\n": "env.yaml, line 2, column 1: this is no YAML: ",
    "users: !!python/name:os.system\n": "env.yaml, line 1, column 8: this is no YAML: could not determine",
    "users: 1: 2\n": "env.yaml, line 1, column 9: this is no YAML: mapping values are not allowed here",
    "start: 2024-13-01\n": "env.yaml holds a value that cannot be: month must be in 1..12",
    "users: 1\nusers: 2\n": "env.yaml, line 2: users is there twice",
    "users: 1\n7: 2\n": "env.yaml, line 2: '7' is not the name of a parameter",
    "meta: 3\n": "env.yaml: meta = 3; allowed: import_from",
    "meta: {from: x.yaml}\n": "env.yaml: meta = {'from': 'x.yaml'}; allowed: import_from",
    "meta: {import_from: nowhere.yaml}\n": "env.yaml: import_from = 'nowhere.yaml'; there is no such file",
    "meta: {import_from: env.yaml}\n": "env.yaml: import_from leads back to this file",
    b"log: \xe9": "env.yaml cannot be read: 'utf-8' codec",
    b"\xff\xfeu\x00": "env.yaml cannot be read: 'utf-8' codec",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "pipeline.yaml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    return tmp_path


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_wrong_with_the_file_is_one_sentence_that_names_it(folder, content):
    (folder / "env.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ParameterError) as error:
        declared()
    assert BROKEN[content] in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_file_goes_before_the_one_that_it_imports(folder, monkeypatch):
    (folder / "env.yaml").write_text("users: 1\nitems: 2\n")
    (folder / "env.small.yaml").write_text("meta: {import_from: env.yaml}\nusers: 3\n")
    monkeypatch.setenv("PLOOMBER_ENV_FILENAME", "env.small.yaml")
    assert declared() == {"users": 3, "items": 2}


@pytest.mark.parametrize("name", ["nowhere.yaml", "a/folder.yaml"])
def test_a_name_that_leads_nowhere(folder, monkeypatch, name):
    monkeypatch.setenv("PLOOMBER_ENV_FILENAME", name)
    with pytest.raises(ParameterError, match="PLOOMBER_ENV_FILENAME names no file"):
        declared()


def test_no_file_declares_nothing(folder):
    assert declared() == {}
