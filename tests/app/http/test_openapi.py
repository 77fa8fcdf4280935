"""docs/api.md and docs/serving.md say what is there, and their examples run as they stand."""

import json
import os
import re
import shutil
import subprocess

import pytest
from server import ROOT, start

from app import create_app
from app.access.keys import SCOPES
from app.settings import Settings

API, SERVING = ((ROOT / "docs" / name).read_text() for name in ("api.md", "serving.md"))
DECISIONS = re.findall(r"```(bash|python)\n(.*?)```", API, flags=re.DOTALL)
KEY = "documented-key"


@pytest.fixture(scope="module")
def server(made, tmp_path_factory):
    products = shutil.copytree(made, tmp_path_factory.mktemp("documented") / "products")
    scopes = "+".join(SCOPES)
    started = start(products, environment={"WILLBUY_API_KEYS": f"{KEY}:{scopes}"})
    yield started
    started.stop()


@pytest.mark.parametrize("number", range(len(DECISIONS)))
def test_the_example_runs_as_it_stands(server, number):
    language, code = DECISIONS[number]
    code = code.replace("http://127.0.0.1:8000", server.url)
    if language == "python":
        exec(code, {"KEY": KEY})
    else:
        subprocess.run(["bash", "-euc", code], env={**os.environ, "KEY": KEY}, check=True, timeout=60)


def test_there_are_examples_in_both_languages():
    assert {language for language, _ in DECISIONS} == {"bash", "python"}
    assert len(DECISIONS) >= 6


def test_every_endpoint_is_in_the_document_and_in_openapi(client, app):
    described = set(client.get("/openapi.json").json["paths"])
    pages = {"/docs", "/openapi.json", "/static/<path:filename>", "/reports/<name>.html"}
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/docs/")} - pages
    assert rules == described
    assert all(f"{rule}" in API for rule in rules)


def test_every_variable_is_in_the_document():
    read = set(re.findall(r"WILLBUY_[A-Z_]+", (ROOT / "app" / "settings.py").read_text()))
    assert read and all(f"`{name}`" in SERVING for name in read)
    assert Settings.from_environment({}).rate_limit == 0


def test_the_document_describes_the_server_it_comes_from(make_app, tmp_path):
    plain = make_app().test_client().get("/openapi.json").json
    keyed = (
        make_app(WILLBUY_API_KEYS="some-key-1:predict", WILLBUY_RATE_LIMIT="9").test_client().get("/openapi.json").json
    )
    empty = create_app({"WILLBUY_PRODUCTS": str(tmp_path / "none")}).test_client().get("/openapi.json").json
    assert "security" not in plain["paths"]["/predict"]["post"]
    assert keyed["paths"]["/predict"]["post"]["security"] and "429" in keyed["paths"]["/models"]["get"]["responses"]
    assert '"hour"' in json.dumps(plain["components"]["schemas"]["Row"])
    assert '"hour"' not in json.dumps(empty["components"]["schemas"]["Row"])
