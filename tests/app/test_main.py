"""Real servers: several workers, killed workers, swaps under load, and a quiet end."""

import collections
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from server import ROOT, connection, exchange, start, wait_for
from small_model import FIRST, SECOND, THIRD

from app.__main__ import main
from willbuy.models.pointer import POINTER

pytestmark = pytest.mark.slow

KEYS = {"WILLBUY_API_KEYS": "predict-key:predict,admin-key-1:predict+admin"}
PREDICT, ADMIN = {"X-API-Key": "predict-key"}, {"X-API-Key": "admin-key-1"}
TYPE = b"Content-Type: application/json"
UNFINISHED = b"POST /predict HTTP/1.1\r\nHost: localhost\r\n%b\r\nContent-Length: 99\r\n\r\n{" % TYPE
ROW = {"features": [{"view_count_7d": 3}]}


def total(server, name, **labels):
    families = text_string_to_metric_families(server.ask("GET", "/metrics")[2].decode())
    samples = [s for family in families for s in family.samples if s.name == name]
    return sum(s.value for s in samples if labels.items() <= s.labels.items())


def workers_that_answered(server):
    return {line["pid"] for line in server.lines() if line.get("route") == "/predict"}


def test_counts_are_right_over_all_workers_and_survive_a_killed_one(serve):
    server = serve(workers=2)
    for _ in range(40):
        assert server.ask("POST", "/predict", ROW)[0] == 200
    assert len(workers_that_answered(server)) == 2
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(set(server.workers()) - {victim}) == 2, server.log.read_text)
    wait_for(lambda: server.log.read_text().count("model loaded") == 3, server.log.read_text)
    for _ in range(20):
        server.ask("POST", "/predict", ROW)
    assert total(server, "willbuy_requests_total", route="/predict", status="200") == 60
    assert total(server, "willbuy_rows_total", version=FIRST) == 60


def test_the_limit_holds_over_all_workers(serve):
    server = serve(workers=2, WILLBUY_RATE_LIMIT=100, **KEYS)
    statuses = collections.Counter()

    def knock():
        for _ in range(50):
            statuses[server.ask("POST", "/predict", ROW, PREDICT)[0]] += 1

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(workers_that_answered(server)) == 2
    assert statuses == {200: 100, 429: 100}


class Load:
    """Clients that ask again and again, each on a connection that is kept; what they were answered, with its time."""

    def __init__(self, server, clients):
        self.server, self.stopped = server, threading.Event()
        self.answers, self.failures, self.cut = [], [], 0
        self.threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _ask(self):
        with closing(connection(self.server.port)) as connected:
            while not self.stopped.is_set():
                began = time.monotonic()
                try:
                    status, _, answer = exchange(connected, "POST", "/predict", ROW, PREDICT)
                except (OSError, http.client.HTTPException):
                    # Only a killed worker's connections may break; the next one goes to a living worker.
                    self.cut += 1
                    connected.close()
                    continue
                if status == 200:
                    self.answers.append((began, answer["model_version"]))
                else:
                    self.failures.append((status, answer))


def test_fifty_swaps_under_load_with_a_worker_killed_between(serve):
    server, chance = serve(workers=2, **KEYS), random.Random(5)
    acknowledged = []  # (when, version)
    with Load(server, clients=2) as load:
        for number in range(50):
            version = chance.choice([v for v in (FIRST, SECOND, THIRD) if not acknowledged or v != acknowledged[-1][1]])
            sent = time.monotonic()
            status, _, answer = server.ask("POST", "/load-model", {"version": version}, ADMIN)
            assert (status, answer["model_version"]) == (200, version)
            acknowledged.append((time.monotonic(), version, sent))
            if number == 25:
                cut_before = load.cut
                os.kill(server.workers()[0], signal.SIGKILL)
                wait_for(lambda: server.log.read_text().count("Started worker") == 3, server.log.read_text)
            else:
                time.sleep(0.02)
    assert load.failures == []
    assert cut_before == 0 and load.cut <= 4
    assert len(load.answers) > 200
    for began, version in load.answers:
        allowed = _allowed(acknowledged, began)
        assert version in allowed, f"{version} answered a request begun when only {allowed} could"


def _allowed(acknowledged, began):
    """The version acknowledged last before `began`, and those whose swap was not yet acknowledged then."""
    before = [version for when, version, _ in acknowledged if when <= began]
    return {before[-1] if before else FIRST} | {version for when, version, _ in acknowledged if when > began}


def test_stopping_finishes_what_is_in_flight(serve):
    server = serve(workers=1)
    slow = {"features": [{"view_count_7d": i} for i in range(1000)], "explain": 1000}
    answers = []
    asking = threading.Thread(target=lambda: answers.append(server.ask("POST", "/predict", slow)))
    asking.start()
    time.sleep(0.15)  # the request is on its way; it takes longer than this to answer
    server.process.send_signal(signal.SIGTERM)
    asking.join()
    assert server.process.wait(30) == 0
    assert answers[0][0] == 200 and len(answers[0][2]["predictions"]) == 1000


def test_what_is_told_to_end_says_so_before_it_ends(serve):
    server = serve(workers=2, WILLBUY_DRAIN_SECONDS=3)
    server.process.send_signal(signal.SIGTERM)
    told = time.monotonic()
    wait_for(lambda: server.ask("GET", "/readyz")[0] == 503)
    assert server.ask("POST", "/predict", ROW)[0] == 200 and server.process.poll() is None
    assert server.process.wait(30) == 0 and time.monotonic() - told > 3


def test_what_is_told_to_end_twice_ends_at_once(serve):
    server = serve(WILLBUY_DRAIN_SECONDS=60)
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: server.ask("GET", "/readyz")[0] == 503)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0


def test_requests_that_wait_are_told(serve):
    server = serve()
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(UNFINISHED)
        wait_for(lambda: total(server, "willbuy_requests_in_flight") == 2)  # and the one that asks
    wait_for(lambda: total(server, "willbuy_requests_in_flight") == 1)


def test_one_worker_that_dies_comes_back(serve):
    server = serve(workers=1)
    (victim,) = server.workers()
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: server.log.read_text().count("Started worker") == 2, server.log.read_text)
    assert server.ask("POST", "/predict", ROW)[0] == 200


def test_no_worker_loads_xgboost_pandas_or_scikit_learn(serve):
    server = serve()
    mapped = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in server.workers())
    assert "msgspec" in mapped
    assert not any(f"/{name}/" in mapped for name in ("xgboost", "pandas", "sklearn"))


def versions_answered(server, times=20):
    answers = [server.ask("POST", "/predict", ROW, PREDICT) for _ in range(times)]
    return {answer["model_version"] if status == 200 else status for status, _, answer in answers}


def test_a_pointer_copied_before_its_version_ends_in_one_model(serve, products):
    server = serve(workers=2, **KEYS)
    shutil.move(products / "models" / SECOND, products / "later")
    (products / "models" / POINTER).write_text(json.dumps({"version": SECOND, "reason": "a copy"}))
    wait_for(lambda: b'willbuy_worker_behind{worker="1"} 1.0' in server.ask("GET", "/metrics")[2])
    assert versions_answered(server) == {FIRST}
    assert server.ask("GET", "/readyz")[2]["status"] == "ready, with the last good model"
    shutil.move(products / "later", products / "models" / SECOND)
    wait_for(lambda: versions_answered(server) == {SECOND})
    assert server.ask("GET", "/readyz")[2]["status"] == "ready"


def test_a_swap_is_answered_once_every_worker_serves_it(serve, products):
    server = serve(workers=3, **KEYS)
    (products / "models" / POINTER).write_text('{"ver')
    status, _, answer = server.ask("POST", "/load-model", {"version": SECOND}, ADMIN)
    assert (status, answer["everywhere"]) == (200, True)
    assert sorted(worker["pid"] for worker in answer["workers"]) == sorted(server.workers())
    assert {worker["model_version"] for worker in answer["workers"]} == {SECOND}
    assert versions_answered(server) == {SECOND}


def test_a_worker_restarted_over_a_damaged_file_serves_what_the_others_do(serve, products):
    server = serve(workers=2, **KEYS)
    trees = products / "models" / FIRST / "trees.npz"
    content = trees.read_bytes()
    trees.write_bytes(content[:100])
    os.kill(server.workers()[0], signal.SIGKILL)
    wait_for(lambda: server.log.read_text().count("Started worker") == 3, server.log.read_text)
    assert versions_answered(server) == {FIRST}
    trees.write_bytes(content)
    wait_for(
        lambda: b"} 1.0" not in b"".join(re.findall(rb"willbuy_worker_behind.*", server.ask("GET", "/metrics")[2]))
    )
    assert versions_answered(server) == {FIRST}


def test_workers_end_with_the_process_that_started_them(serve):
    server = serve(workers=2)
    workers = server.workers()
    server.process.kill()
    wait_for(lambda: not any(map(psutil.pid_exists, workers)), seconds=5)
    with pytest.raises(ConnectionRefusedError):
        server.ask("GET", "/livez")


def test_a_log_that_nobody_reads_stops_nothing(products):
    reading, writing = os.pipe()
    server = start(products, 2, log=writing)
    try:
        for _ in range(600):  # some 150 kB, more than a pipe holds
            assert server.ask("POST", "/predict", ROW)[0] == 200
        wait_for(lambda: total(server, "willbuy_dropped_log_lines_total", worker="0") > 0)
        assert total(server, "willbuy_requests_total", route="/predict", status="200") == 600
    finally:
        os.close(reading), os.close(writing)
        server.stop()


@contextmanager
def slow_bodies(server, number):
    """So many requests whose bodies have begun, and go no further."""
    with ExitStack() as stack:
        for _ in range(number):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            slow.sendall(UNFINISHED)
        yield


def test_two_hundred_slow_bodies_leave_room_for_others(serve):
    server = serve()
    with slow_bodies(server, 200):
        for _ in range(20):
            assert server.ask("POST", "/predict", ROW)[0] == 200
    wait_for(lambda: server.ask("POST", "/predict", ROW)[0] == 200)


def test_more_slow_bodies_than_threads_leave_room_for_what_has_none(serve):
    server = serve()
    with slow_bodies(server, 400):
        for _ in range(20):
            assert server.ask("GET", "/readyz")[0] == 200
        status, headers, answer = server.ask("POST", "/predict", ROW)
        assert (status, headers["Retry-After"], answer["error"]["type"]) == (503, "1", "busy")
    wait_for(lambda: server.ask("POST", "/predict", ROW)[0] == 200)


def test_a_body_of_chunks_without_end_is_refused_in_bounded_memory(serve):
    server = serve()
    server.ask("POST", "/predict", ROW)
    (worker,) = map(psutil.Process, server.workers())
    before = worker.memory_info().rss
    kind = "Content-Type: application/json\r\nTransfer-Encoding: chunked"
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\n{kind}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 20) as endless:
        endless.sendall(head.encode())
        with suppress(ConnectionError):
            for _ in range(1000):
                endless.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
    wait_for(lambda: any(line.get("status") == 413 for line in server.lines()))
    assert worker.memory_info().rss - before < 60e6


def test_a_body_that_does_not_come_ends_with_a_408_and_one_that_comes_slowly_does_not(serve):
    server = serve(WILLBUY_BODY_SECONDS=2)
    body = json.dumps(ROW).encode()
    head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with ExitStack() as stack:
        stuck, dribbling, slow = (
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 20)) for _ in range(3)
        )
        stuck.sendall(head.encode() % 99)
        dribbling.sendall(head.encode() % 10**6)
        slow.sendall(head.encode() % (len(body) + 10**6) + body)
        for _ in range(45):  # for 4.5 s, 220 kB a second of the last, 10 bytes a second of the one before
            slow.sendall(b" " * 22_000)
            with suppress(BrokenPipeError):
                dribbling.sendall(b" ")
            time.sleep(0.1)
        assert b" 408 " in stuck.recv(1000)
        assert sum(line.get("connections", 0) for line in server.lines()) == 2
        slow.sendall(b" " * 10_000)
        assert b" 200 " in slow.recv(1000)


def test_a_port_that_is_taken_stops_the_start(serve, products):
    server = serve()
    environment = os.environ | {"PORT": str(server.port), "WILLBUY_PRODUCTS": str(products)}
    other = subprocess.run([sys.executable, "-m", "app"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert other.returncode == 1
    assert f"PORT: 127.0.0.1:{server.port} cannot be listened on" in other.stderr
    assert "Traceback" not in other.stderr


@pytest.mark.parametrize(("variable", "value"), [("PORT", "http"), ("WORKERS", "0"), ("PORT", "70000")])
def test_a_number_that_cannot_be_used_is_named(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit, match=f"{variable}.*{value}"):
        main()
