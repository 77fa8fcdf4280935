"""CPU time a request: willbuy against a Flask route that returns a constant, and against the usual ways to serve.

One interleaved run, one worker each, user and system time of all the server's processes. Needs a champion
(`make build`, or WILLBUY_PRODUCTS), and for MLServer its executable in MLSERVER, from an environment of its own with
mlserver and mlserver-xgboost. MLServer predicts in the process that answers, which costs it less than its default of
handing over to another.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from serving_load import Job, get, post, running

ROUNDS = 7
ROWS = (1, 100, 1000)
COUNTS = {1: 1500, 100: 100, 1000: 15}
SLOW_COUNTS = {1: 100, 100: 30, 1000: 5}
KEY = "benchmark-key"
HERE = Path(__file__).parent
NOOP, OURS, FASTAPI, MLSERVER = "Flask route, constant", "willbuy", "FastAPI + pandas", "MLServer"


def main() -> None:
    """Measure and print."""
    products = Path(os.environ.get("WILLBUY_PRODUCTS", "products"))
    version = _champion(products)
    with ExitStack() as stack:
        jobs = _jobs(stack, products.absolute(), version)
        for job in jobs:
            Job(job.name, job.server, job.request, max(3, job.count // 10)).microseconds()
        found = {job.name: [] for job in jobs}
        for _ in range(ROUNDS):
            for job in jobs:
                found[job.name].append(job.microseconds())
    _report(version.name, found)


def _champion(products: Path) -> Path:
    pointer = products / "models" / "current.json"
    if not pointer.exists():
        raise SystemExit(f"there is no {pointer}: `make build` first, or set WILLBUY_PRODUCTS")
    return pointer.parent / json.loads(pointer.read_text())["version"]


def _jobs(stack: ExitStack, products: Path, version: Path) -> list[Job]:
    rows = _rows(version)
    noop = stack.enter_context(running([sys.executable, HERE / "serving_noop.py", "PORT"]))
    limits = {"WILLBUY_PRODUCTS": str(products), "WILLBUY_API_KEYS": f"{KEY}:predict", "WILLBUY_RATE_LIMIT": "1000000"}
    ours = stack.enter_context(running([sys.executable, "-m", "app"], limits))
    usual = stack.enter_context(running([sys.executable, HERE / "serving_fastapi.py", "PORT", version]))
    jobs = [Job(NOOP, noop, get("/predict"), COUNTS[1])]
    for n in ROWS:
        body = {"features": rows[:n]}
        jobs.append(Job(f"{OURS}, {n}", ours, post("/predict", body, f"X-API-Key: {KEY}"), COUNTS[n]))
        jobs.append(Job(f"{FASTAPI}, {n}", usual, post("/predict", body), SLOW_COUNTS[n]))
    return jobs + _mlserver(stack, version, rows[0])


def _rows(version: Path) -> list[dict]:
    """The golden rows, again and again, each with a user and an item."""
    golden = json.loads((version / "model.json").read_text())["golden"]
    return [
        golden[i % len(golden)]["features"] | {"user_id": f"user_{i}", "item_id": f"item_{i}"} for i in range(max(ROWS))
    ]


def _mlserver(stack: ExitStack, version: Path, row: dict) -> list[Job]:
    executable = shutil.which(wanted := os.environ.get("MLSERVER", "mlserver"))
    if not executable:
        print(f"MLServer is not measured: there is no {wanted}\n")
        return []
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    model = {"name": "willbuy", "implementation": "mlserver_xgboost.XGBoostModel", "parallel_workers": 0}
    (folder / "model-settings.json").write_text(json.dumps(model | {"parameters": {"uri": str(version / "model.ubj")}}))
    server = stack.enter_context(running([sys.executable, HERE / "serving_mlserver.py", executable, folder, "PORT"]))
    values = [float(v) if isinstance(v, int | float) else 0.0 for name, v in row.items() if not name.endswith("_id")]
    tensor = {"name": "predict", "shape": [1, len(values)], "datatype": "FP32", "data": values}
    return [Job(f"{MLSERVER}, 1", server, post("/v2/models/willbuy/infer", {"inputs": [tensor]}), 500)]


def _report(version: str, found: dict[str, list[float]]) -> None:
    print(f"{version}: median of {ROUNDS} rounds, CPU µs a request (lowest to highest)\n")
    for name, values in found.items():
        print(f"{name:24} {statistics.median(values):10,.0f}  ({min(values):,.0f} to {max(values):,.0f})")
    print(f"\n{OURS}, 1 row / {NOOP}: {_ratio(found, f'{OURS}, 1', NOOP)}")
    for n in ROWS:
        print(f"{FASTAPI} / {OURS}, {n} rows: {_ratio(found, f'{FASTAPI}, {n}', f'{OURS}, {n}')}")
    if f"{MLSERVER}, 1" in found:
        print(f"{MLSERVER} / {OURS}, 1 row: {_ratio(found, f'{MLSERVER}, 1', f'{OURS}, 1')}")


def _ratio(found: dict[str, list[float]], above: str, below: str) -> str:
    ratios = [a / b for a, b in zip(found[above], found[below], strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
