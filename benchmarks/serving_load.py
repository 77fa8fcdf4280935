"""Servers to measure, requests to send them, and the CPU time that these cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

import psutil

PATIENCE = 120
LAST_LINES = 25
ROOT = Path(__file__).parents[1]


class ServerFailed(Exception):
    """A server ended by itself, or does not answer: its command, its exit status and the end of its log."""


@dataclass(frozen=True)
class Server:
    """A server's process, its port, and the file that its output goes to."""

    process: subprocess.Popen
    port: int
    log: IO[bytes]

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far."""
        process = psutil.Process(self.process.pid)
        return sum(sum(p.cpu_times()[:2]) for p in [process, *process.children(recursive=True)])

    def answers(self, path: str) -> bool:
        """Whether a GET of `path` is answered with 200, or with 404: not every server has a front page."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status in (200, 404)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def failed(self) -> ServerFailed:
        """What is known of a server that stopped to answer."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)  # it may be ending just now
        status = self.process.poll()
        how = "does not answer" if status is None else f"ended with exit status {status}"
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").splitlines()[-LAST_LINES:]
        return ServerFailed("\n".join([f"`{' '.join(self.process.args)}` {how}; the end of its log:", *lines]))


@dataclass(frozen=True)
class Job:
    """`count` times the same request, to one server."""

    name: str
    server: Server
    request: bytes
    count: int

    def microseconds(self) -> float:
        """CPU time of the server for each request; ServerFailed if it ends meanwhile."""
        try:
            before = self.server.cpu_seconds()
            _send(self.server.port, self.request, self.count)
            return (self.server.cpu_seconds() - before) / self.count * 1e6
        except (OSError, psutil.Error):
            raise self.server.failed() from None


def post(path: str, body: dict, *headers: str) -> bytes:
    """A POST of JSON as it goes over the wire."""
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


def get(path: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@contextmanager
def running(command: list, environment: dict | None = None, ready: str = "/") -> Iterator[Server]:
    """The server that `command` starts on the port that stands for PORT in it, once it answers a GET of `ready`.

    It is ended afterwards. ServerFailed if it never answers.
    """
    port = free_port()
    arguments = [str(port) if part == "PORT" else str(part) for part in command]
    variables = {"OMP_NUM_THREADS": "1", "PORT": str(port), "PYTHONPATH": str(ROOT), **(environment or {})}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(arguments, env={**os.environ, **variables}, stdout=log, stderr=log) as process,
    ):
        server = Server(process, port, log)
        try:
            _wait(server, ready)
            yield server
        finally:
            process.terminate()


def _wait(server: Server, ready: str) -> None:
    end = time.monotonic() + PATIENCE
    while not server.answers(ready):
        if server.process.poll() is not None or time.monotonic() > end:
            raise server.failed()
        time.sleep(0.1)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def _send(port: int, request: bytes, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connected, connected.makefile("rb") as answers:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            connected.sendall(request)
            _read(answers)


def _read(answers) -> None:
    head = []
    while (line := answers.readline()) != b"\r\n":
        if not line:
            raise ConnectionError("the server closed the connection")
        head.append(line.lower())
    lengths = [int(line.partition(b":")[2]) for line in head if line.startswith(b"content-length:")]
    content = answers.read(lengths[0] if lengths else 0)
    if b" 200 " not in head[0]:
        raise SystemExit(f"{head[0]!r}: {content[:500]!r}")
