"""docs/api.md and docs/serving.md say what is there, and their examples run as they stand."""

import os
import re
import shutil
import subprocess

import pytest
from server import ROOT, start

from app.access.keys import SCOPES

pytestmark = pytest.mark.slow

API = (ROOT / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"```(bash|python)\n(.*?)```", API, flags=re.DOTALL)
KEY = "documented-key"


@pytest.fixture(scope="module")
def server(made, tmp_path_factory):
    products = shutil.copytree(made, tmp_path_factory.mktemp("documented") / "products")
    scopes = "+".join(SCOPES)
    started = start(products, environment={"WILLBUY_API_KEYS": f"{KEY}:{scopes}"})
    yield started
    started.stop()


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_example_runs_as_it_stands(server, number, monkeypatch):
    monkeypatch.chdir(ROOT)
    language, code = EXAMPLES[number]
    code = code.replace("http://127.0.0.1:8000", server.url)
    if language == "python":
        exec(code, {"KEY": KEY})
    else:
        subprocess.run(["bash", "-euc", code], env={**os.environ, "KEY": KEY}, check=True, timeout=60)


def test_there_are_examples_in_both_languages():
    assert {language for language, _ in EXAMPLES} == {"bash", "python"}
    assert len(EXAMPLES) >= 6


def test_every_endpoint_and_field_is_in_the_tables(app):
    for endpoint in app.endpoints:
        assert (f"| `{endpoint.method} {endpoint.path}` |" in API) == endpoint.listed
    for field in ("features[].user_id", "events[].duration_seconds", "at", "top", "items[].category", "version"):
        assert f"| `{field}` |" in API


def test_every_variable_that_the_server_reads_is_in_a_table():
    sources = [path.read_text() for path in (ROOT / "app").rglob("*.py")]
    read = {name for text in sources for name in re.findall(r"WILLBUY_[A-Z_]+", text)}
    serving = (ROOT / "docs" / "serving.md").read_text()
    assert read and all(f"| `{name}` |" in serving for name in read)
