"""Schemathesis reads /openapi.json of a real server and tries what the document promises, with all its checks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KEY = "admin-key-1"


@pytest.mark.parametrize("keys", ["", f"{KEY}:predict+admin"], ids=["without keys", "with keys"])
def test_the_server_keeps_what_its_document_promises(serve, tmp_path, keys):
    server = serve(workers=1, WILLBUY_API_KEYS=keys, WILLBUY_CORS_ORIGINS="https://shop.example")
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json", "--checks=all"]
    command += [
        "--phases=examples,coverage,fuzzing",
        "--max-examples=12",
        "--seed=1",
        "--workers=1",
        "--no-color",
        "--request-timeout=20",
    ]
    command += [f"--header=X-API-Key: {KEY}"] if keys else []
    tried = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=300)
    assert tried.returncode == 0, tried.stdout[-6000:]
    assert " passed" in tried.stdout
    assert not [line for line in server.lines() if line.get("status", 0) >= 500]
