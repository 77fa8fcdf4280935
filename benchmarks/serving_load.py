"""Servers to measure, requests to send them, and the CPU time that these cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

PATIENCE = 120


@dataclass(frozen=True)
class Server:
    """A running server and its port."""

    process: psutil.Process
    port: int

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(p.cpu_times()[:2]) for p in family)


@dataclass(frozen=True)
class Job:
    """`count` times the same request, to one server."""

    name: str
    server: Server
    request: bytes
    count: int

    def microseconds(self) -> float:
        """CPU time of the server for each request."""
        before = self.server.cpu_seconds()
        _send(self.server.port, self.request, self.count)
        return (self.server.cpu_seconds() - before) / self.count * 1e6


def post(path: str, body: dict, *headers: str) -> bytes:
    """A POST of JSON as it goes over the wire."""
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


def get(path: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@contextmanager
def running(command: list, environment: dict | None = None) -> Iterator[Server]:
    """The server that `command` starts on the port that stands for PORT in it; ended afterwards."""
    port = _free_port()
    arguments = [str(port) if part == "PORT" else str(part) for part in command]
    variables = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PORT": str(port),
        "PYTHONPATH": os.getcwd(),
        **(environment or {}),
    }
    with tempfile.TemporaryFile() as log, subprocess.Popen(arguments, env=variables, stdout=log, stderr=log) as process:
        try:
            _wait(port, process, log)
            yield Server(psutil.Process(process.pid), port)
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen, log) -> None:
    end = time.monotonic() + PATIENCE
    while socket.socket().connect_ex(("127.0.0.1", port)):
        if process.poll() is not None or time.monotonic() > end:
            log.seek(0)
            raise SystemExit(f"{process.args} did not start:\n{log.read().decode()[-3000:]}")
        time.sleep(0.1)
    time.sleep(1)


def _send(port: int, request: bytes, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connected, connected.makefile("rb") as answers:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            connected.sendall(request)
            _read(answers)


def _read(answers) -> None:
    status, length = answers.readline(), 0
    while (line := answers.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    content = answers.read(length)
    if b" 200 " not in status:
        raise SystemExit(f"{status!r}: {content[:500]!r}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]
