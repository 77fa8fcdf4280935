"""A container as it should be run: nothing can be written to but the folder of state, and there is no home."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from server import ROOT, Server, answers, free_port, wait_for

READ_ONLY = """
mount --bind / / && mount -o remount,bind,ro /
mount -t tmpfs none "$1"
shift
exec "$@"
"""
COMPILED = """
import gc
from numba.core.registry import CPUDispatcher
from app import create_app
client = create_app().test_client()
assert client.post("/predict", json={"features": [{"hour": 1}], "explain": 3}).status_code == 200
functions = [one for one in gc.get_objects() if isinstance(one, CPUDispatcher)]
print(sum(f.stats.cache_hits.total() for f in functions), sum(f.stats.cache_misses.total() for f in functions))
"""


def may_mount():
    tried = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", "/mnt", "true"]
    return bool(shutil.which("unshare")) and not subprocess.run(tried, capture_output=True).returncode


pytestmark = [pytest.mark.slow, pytest.mark.skipif(not may_mount(), reason="only root may mount")]


@pytest.fixture
def inside(products, tmp_path):
    """The arguments of Popen for a command in there; the cache is filled first."""
    state, cache = tmp_path / "state", tmp_path / "cache"
    state.mkdir()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "TMPDIR": "/nowhere"}
    environment |= {"NUMBA_CACHE_DIR": cache, "WILLBUY_PRODUCTS": products, "WILLBUY_STATE": state / "own"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nowhere", "OMP_NUM_THREADS": "1"}
    environment = {name: str(value) for name, value in environment.items()}
    before = {"cwd": ROOT, "env": environment | {"WILLBUY_STATE": str(tmp_path / "before")}}
    subprocess.run([sys.executable, "-c", COMPILED], **before, check=True)

    def command(*arguments):
        world = ["unshare", "--mount", "sh", "-euc", READ_ONLY, "sh", str(state)]
        return {"args": [*world, sys.executable, *arguments], "cwd": ROOT, "env": environment}

    return command


def test_nothing_is_compiled_anew(inside):
    done = subprocess.run(**inside("-c", COMPILED), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    hits, misses = map(int, done.stdout.split())
    assert hits > 5 and misses == 0


def test_the_server_starts_and_answers(inside, tmp_path):
    told = inside("-m", "app")
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(**told | {"env": told["env"] | {"PORT": str(port)}}, stdout=log, stderr=log)
    server = Server(process, port, Path(log.name))
    try:
        wait_for(lambda: answers(server), server.log.read_text)
        assert server.ask("GET", "/readyz")[0] == 200
        assert server.ask("POST", "/predict", {"features": [{"hour": 1}], "explain": 3})[0] == 200
    finally:
        server.stop()
