"""A client that a generator makes from /openapi.json has a type for everything, and works."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KEY = "admin-key-1"
T = "2024-01-01T00:00:00Z"


@pytest.fixture
def client(serve, tmp_path, monkeypatch):
    """The generated package, and its client of a real server."""
    server = serve(WILLBUY_API_KEYS=f"{KEY}:predict+events+admin")
    (tmp_path / "openapi.json").write_text(json.dumps(server.ask("GET", "/openapi.json")[2]))
    (tmp_path / "config.json").write_text(json.dumps({"post_hooks": []}))
    command = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", "openapi.json"]
    command += ["--config", "config.json", "--meta", "none", "--output-path", "generated"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    # It knows no lines, and takes the other kind of body.
    unknown = made.stderr.count("Unsupported content type application/x-ndjson")
    assert made.stderr.count("WARNING") == unknown == 1, made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    generated = importlib.import_module("generated")
    headers = {"X-API-Key": KEY}
    yield generated.Client(base_url=f"{server.url}/v1", headers=headers, raise_on_unexpected_status=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == "generated"]:
        del sys.modules[name]


def call(tag, name, client, **given):
    return importlib.import_module(f"generated.api.{tag}.{name}").sync(client=client, **given)


def test_each_answer_has_a_type(client):
    models = importlib.import_module("generated.models")
    event = {"user_id": "u", "item_id": "i", "event_type": "view", "timestamp": T}
    taken = call("events", "events", client, body=models.Events.from_dict({"events": [event]}))
    assert taken.accepted == 1
    point = {"user_id": "u", "item_id": "i", "timestamp": "2024-01-01T00:00:01Z"}
    body = models.Scoring.from_dict({"features": [point], "explain": 2, "return_features": True})
    (prediction,) = call("predict", "predict", client, body=body).predictions
    assert 0 < prediction.probability < 1 and len(prediction.contributions) == 2
    assert prediction.features["view_count_1h"] == 1 and [str(name) for name in prediction.unknown] == ["item_id"]
    info = call("models", "model_info", client)
    assert info.features[0].description and info.metrics.on == "validation"
    assert call("models", "models", client).champion == info.version
    assert call("users", "user", client, user_id="u").events[0].event_type == "view"
    refused = call("predict", "predict", client, body=models.Scoring.from_dict({"features": [{"user_id": "u"}]}))
    assert refused.error.details[0].row == 0
