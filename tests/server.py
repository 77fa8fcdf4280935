"""The server as `make serve` starts it: real processes on loopback, asked over real connections."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
PATIENCE = 60


@dataclass
class Server:
    """A running server; `log` is a file of its standard error."""

    process: subprocess.Popen
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, headers=None):
        """Status, headers and content of one request on a connection of its own; `body` is bytes or plain JSON."""
        return ask(self.port, method, path, body, headers)

    def workers(self) -> list[int]:
        """The living workers: children that are neither dead nor Python's own helper."""
        children = psutil.Process(self.process.pid).children()
        living = [p for p in children if p.status() != psutil.STATUS_ZOMBIE]
        return [p.pid for p in living if "resource_tracker" not in str(p.cmdline())]

    def lines(self) -> list[dict]:
        """The JSON lines logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def stop(self) -> None:
        """Ask it to end, as an operator would; insist after a while."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()


def start(products, workers=1, environment=None, log=None) -> Server:
    """`python -m app` on a free port, once its workers answer. What it says goes to `log`, or to a file of its own."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(dir=products.parent))
    settings = {"PORT": port, "WORKERS": workers, "WILLBUY_PRODUCTS": products, "WILLBUY_DRAIN_SECONDS": 0}
    settings |= environment or {}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WILLBUY_")}
    with (folder / "log").open("w") as file:
        to = file if log is None else log
        command = [sys.executable, "-m", "app"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=clean | {n: str(v) for n, v in settings.items()}, stdout=to, stderr=to
        )
    server = Server(process, port, folder / "log")
    told = lambda: log is not None or server.log.read_text().count("Started worker") >= workers  # noqa: E731
    wait_for(lambda: told() and answers(server), server.log.read_text)
    return server


def answers(server) -> bool:
    try:
        return server.ask("GET", "/livez")[0] == 200
    except OSError:
        return False


def wait_for(condition, explain=lambda: "", seconds=PATIENCE) -> None:
    """Wait until `condition()` holds; fail with `explain()` if it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, explain()
        time.sleep(0.05)


def ask(port, *request):
    """`exchange` on a connection of its own."""
    with closing(connection(port)) as connected:
        return exchange(connected, *request)


def connection(port) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def exchange(connected, method, path, body=None, headers=None):
    """Send a request and read its answer; JSON comes back as plain values."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    connected.request(method, path, body, {"Content-Type": "application/json"} | (headers or {}))
    answer = connected.getresponse()
    content = answer.read()
    is_json = answer.headers.get("Content-Type") == "application/json"
    return answer.status, answer.headers, json.loads(content) if is_json else content


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]
