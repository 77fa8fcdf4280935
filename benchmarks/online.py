"""CPU time a scored pair when features come from the store, events taken a second, for both stores; and what PUT costs.

Beside a Flask route that returns a constant, in one interleaved run of real servers with one worker each. Needs a
champion (`make build`, or WILLBUY_PRODUCTS); the shared store is measured where redis-server is installed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from serving_load import Job, Server, get, post, running

ROUNDS = 5
HISTORIES = (10, 100, 500, 2000, 10_000)
CANDIDATES = (1, 10, 100, 1000)
USUAL = 500
ITEMS = 1000
BATCHES = (1, 100, 1000)
CATALOGUES = (100, 100_000)
CHANGES = 50
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
KINDS = ("view", "view", "view", "view", "scroll", "scroll", "add_to_cart", "remove_from_cart", "purchase")
NOOP = "Flask route, constant"
HERE = Path(__file__).parent
numbers = count()


def main() -> None:
    """Measure and print."""
    products = Path(os.environ.get("WILLBUY_PRODUCTS", "products")).absolute()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        constant = stack.enter_context(running([sys.executable, HERE / "serving_noop.py", "PORT"]))
        jobs = [Job(NOOP, constant, get("/predict"), 1000)]
        takers = {}
        for name, store in _stores(stack, folder).items():
            environment = {"WILLBUY_PRODUCTS": str(products), "WILLBUY_STORE": store, "WILLBUY_STORE_SECONDS": "30"}
            server = stack.enter_context(running([sys.executable, "-m", "app"], environment))
            _load(server)
            jobs += _jobs(name, server)
            takers[name] = server
        _report(_measured(jobs))
        for name, server in takers.items():
            _report_taking(name, server)
        for items in CATALOGUES:
            _report_changing(items, {"WILLBUY_PRODUCTS": str(products), "WILLBUY_STORE": f"{folder}/{items}.sqlite"})


def _stores(stack: ExitStack, folder: Path) -> dict[str, str]:
    stores = {"embedded": str(folder / "online.sqlite")}
    if shutil.which("redis-server"):
        stores["redis"] = f"unix://{stack.enter_context(_redis(folder))}"
    return stores


@contextmanager
def _redis(folder: Path) -> Iterator[Path]:
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", path, "--dir", folder, "--appendonly", "yes", "--appendfsync", "always"]
    with subprocess.Popen(["redis-server", *map(str, options)], stdout=subprocess.DEVNULL) as process:
        while not path.exists():
            time.sleep(0.05)
        yield path
        process.terminate()


def _load(server: Server) -> None:
    """Items, and a user for each length of history, whose events fill the 30 days before NOW."""
    _put(server, range(ITEMS), 15.0)
    random = Random(1)
    for length in HISTORIES:
        events = [_event(random, f"user_{length}", NOW - timedelta(days=30) * random.random()) for _ in range(length)]
        for start in range(0, length, 1000):
            Job("", server, post("/events", {"events": events[start : start + 1000]}), 1).microseconds()


def _put(server: Server, numbers: Iterable[int], price: float) -> None:
    items = [{"item_id": f"item_{n}", "category": f"c{n % 5}", "base_price": 20.0, "price": price} for n in numbers]
    Job("", server, post("/items", {"items": items}).replace(b"POST", b"PUT", 1), 1).microseconds()


def _event(random: Random, user: str, moment: datetime) -> dict:
    item, kind = f"item_{int(ITEMS * random.random() ** 3)}", random.choice(KINDS)
    values = {"price": 15.0, "duration_seconds": 12.5, "event_id": f"e{next(numbers)}"}
    return {"user_id": user, "item_id": item, "event_type": kind, "timestamp": moment.isoformat(), **values}


def _jobs(name: str, server: Server) -> list[Job]:
    jobs = []
    for length in HISTORIES:
        row = {"user_id": f"user_{length}", "item_id": "item_1", "timestamp": NOW.isoformat()}
        jobs.append(Job(f"{name}, {length} events, 1 item", server, post("/predict", {"features": [row]}), 300))
    for candidates in CANDIDATES:
        items = [f"item_{n}" for n in range(candidates)]
        body = {"user_id": f"user_{USUAL}", "items": items, "timestamp": NOW.isoformat()}
        asked = f"{name}, {USUAL} events, rank {candidates}"
        jobs.append(Job(asked, server, post("/rank", body), 300 // candidates + 10))
    return jobs


def _measured(jobs: list[Job]) -> dict[str, list[float]]:
    found = {job.name: [] for job in jobs}
    for number in range(ROUNDS + 1):
        for job in jobs:
            spent = job.microseconds()
            if number:  # the first round only warms up
                found[job.name].append(spent)
    return found


def _report(found: dict[str, list[float]]) -> None:
    print(f"median of {ROUNDS} rounds, CPU µs a request of the server's processes, and against the route\n")
    for name, values in found.items():
        ratios = [value / constant for value, constant in zip(values, found[NOOP], strict=True)]
        spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{name:34} {statistics.median(values):10,.0f}  {statistics.median(ratios):7.2f} {spread}")


def _report_taking(name: str, server: Server) -> None:
    """Events taken from one sender that waits for each answer, of many users at once."""
    print()
    random = Random(2)
    for batch in BATCHES:
        bodies = [_batch(random, batch) for _ in range(200 if batch == 1 else 10)]
        started, cpu = time.perf_counter(), server.cpu_seconds()
        for body in bodies:
            Job("", server, body, 1).microseconds()
        seconds, cpu, events = time.perf_counter() - started, server.cpu_seconds() - cpu, batch * len(bodies)
        speed = f"{events / seconds:,.0f} events a second, {cpu / events * 1e6:,.0f} CPU µs each"
        print(f"{name}, {batch} events a request: {speed}")


def _report_changing(items: int, environment: dict) -> None:
    """One item gets a new price again and again, and after each a pair is scored."""
    with running([sys.executable, "-m", "app"], environment) as server:
        for start in range(0, items, 1000):
            _put(server, range(start, min(start + 1000, items)), 15.0)
        row = {"user_id": "user", "item_id": "item_1", "timestamp": NOW.isoformat()}
        score = Job("", server, post("/predict", {"features": [row]}), 1)
        jobs = {
            "a /predict": lambda n: score.microseconds(),
            "a PUT of one item": lambda n: _put(server, [7], n),
            "a PUT and a /predict": lambda n: (_put(server, [7], n + 0.5), score.microseconds()),
        }
        for name, job in jobs.items():
            job(0)
            before = server.cpu_seconds()
            for n in range(1, CHANGES + 1):
                job(n)
            print(f"{items:,} items, {name}: {(server.cpu_seconds() - before) / CHANGES * 1e6:,.0f} CPU µs")


def _batch(random: Random, size: int) -> bytes:
    moments = (NOW + timedelta(seconds=next(numbers)) for _ in range(size))
    events = [_event(random, f"visitor_{random.randrange(2000)}", moment) for moment in moments]
    return post("/events", {"events": events})


if __name__ == "__main__":
    main()
