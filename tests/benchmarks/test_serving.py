"""`make bench-serving` with a server that ends on the way: the others are measured, and its end is explained."""

import importlib
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# Answers 503 until it is ready, then so many requests, then ends as a server does that misses its model: too late.
MORTAL = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import _exit

port, unready, left = map(int, sys.argv[1:])

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global unready, left
        if left == 0:
            print("there is no such model", file=sys.stderr, flush=True)
            _exit(7)
        status, unready, left = (503, unready - 1, left) if unready else (200, 0, left - 1)
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def serving(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("serving")


@pytest.fixture
def job(serving):
    """A job for such a server; the question whether it is ready takes one of its answers."""
    with ExitStack() as stack:

        def started(name, left, unready=0):
            command = [sys.executable, "-c", MORTAL, "PORT", unready, left]
            return serving.Job(name, stack.enter_context(serving.running(command)), serving.get("/"), 3)

        yield started


@pytest.mark.parametrize("left", [1, 2, 5, 13])
def test_a_server_that_ends_is_named_with_its_reason_and_the_others_are_measured(serving, job, left, capsys):
    found = serving.measure([job("sound", 1000), job("mortal", left)])
    assert list(found) == ["sound"] and len(found["sound"]) == serving.ROUNDS
    said = capsys.readouterr().out
    assert said.startswith("mortal is not measured: ") and "ended with exit status 7" in said
    assert "there is no such model" in said


def test_a_server_that_listens_before_it_is_ready_is_waited_for(serving, job):
    assert list(serving.measure([job("slow", 1000, unready=3)])) == ["slow"]


def test_a_server_that_never_listens_is_named_with_its_reason(serving):
    command = [sys.executable, "-c", "raise SystemExit('no model at all')"]
    with pytest.raises(serving.ServerFailed, match=r"ended with exit status 1; the end of its log:\nno model at all"):
        serving.running(command).__enter__()


def test_every_server_can_read_the_champions_path_wherever_it_runs(serving, tmp_path, monkeypatch):
    pointer = tmp_path / "products/models/current.json"
    pointer.parent.mkdir(parents=True)
    pointer.write_text('{"version": "xgboost_20240101_000000"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WILLBUY_PRODUCTS", raising=False)
    assert serving.champion() == pointer.parent / "xgboost_20240101_000000"


@pytest.mark.parametrize("missing", ["MLServer, 1", "willbuy, 1", "Flask route, constant"])
def test_the_other_ratios_are_printed_when_one_server_is_missing(serving, missing, capsys):
    found = {name: [1.0, 2.0] for _, *names in serving.COMPARED for name in names if name != missing}
    serving._report("v", found)
    ratios = [line for line in capsys.readouterr().out.splitlines() if " / " in line]
    assert len(ratios) == sum(missing not in names for _, *names in serving.COMPARED)
