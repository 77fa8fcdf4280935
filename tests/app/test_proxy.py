"""Slow clients before the shipped proxy do not keep others waiting."""

import json
import re
import shutil
import socket
import subprocess
import time

import pytest
from server import ROOT, ask, connection, exchange, free_port, wait_for

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
CLIENTS, SECONDS = 200, 6
ROW = {"features": [{"view_count_7d": 3}]}
KEY = {"X-API-Key": "predict-key"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light"),
]


@pytest.fixture
def proxied(serve, tmp_path):
    """The port of the shipped configuration before a server with one worker."""
    server, port = serve(workers=1, WILLBUY_API_KEYS="predict-key:predict"), free_port()
    shipped = (ROOT / "app" / "proxy" / "nginx.conf").read_text()
    moved = shipped.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}").replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    (tmp_path / "nginx.conf").write_text(re.sub(r"/tmp/willbuy-nginx", str(tmp_path / "nginx"), moved))
    process = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    wait_for(lambda: _listens(port))
    yield port
    process.terminate()
    process.wait(10)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def drip(sockets, piece):
    for s in sockets:
        try:
            s.send(piece)
        except OSError:
            pass  # the proxy has had enough of this one, as it should


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"x"),
        (
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nX-API-Key: predict-key\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9000\r\n\r\n{",
            b" ",
        ),
    ],
    ids=["headers", "bodies"],
)
def test_two_hundred_slow_clients_stop_nobody(proxied, beginning, piece):
    sockets = [socket.create_connection(("127.0.0.1", proxied)) for _ in range(CLIENTS)]
    drip(sockets, beginning)
    usual, slowest, answered, end = connection(proxied), 0.0, 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        drip(sockets, piece)
        began = time.monotonic()
        status, _, answer = exchange(usual, "POST", "/predict", ROW, KEY)
        slowest, answered = max(slowest, time.monotonic() - began), answered + 1
        assert (status, len(answer["predictions"])) == (200, 1)
        time.sleep(0.03)
    for s in [*sockets, usual]:
        s.close()
    assert answered > 20
    assert slowest < 3


def test_the_proxy_passes_on_errors_ids_and_who_asked(proxied):
    status, headers, answer = ask(proxied, "POST", "/predict", b"{", KEY | {"X-Request-ID": "through-1"})
    assert (status, answer["error"]["request_id"], headers["X-Request-ID"]) == (400, "through-1", "through-1")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(proxied):
    with socket.create_connection(("127.0.0.1", proxied)) as s:
        s.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n")
        answer = b""
        while not answer.endswith(b"}}"):
            answer += s.recv(9999)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 413 " in head.splitlines()[0] and b"application/json" in head
    error = json.loads(body)["error"]
    assert (error["type"], error["message"]) == ("body_too_large", "the proxy answers 413")
    assert f"X-Request-ID: {error['request_id']}".encode() in head


def test_without_keys_nobody_is_answered_through_a_proxy(serve):
    asked = serve().ask("POST", "/predict", ROW, {"X-Forwarded-For": "8.8.8.8", "X_Forwarded_For": "127.0.0.1"})
    assert (asked[0], asked[2]["error"]["type"]) == (403, "loopback_only")
