"""CPU time a request: willbuy against a Flask route that returns a constant, and against the usual ways to serve.

One interleaved run, one worker each, user and system time of all the server's processes. Needs a champion
(`make build`, or WILLBUY_PRODUCTS), and for MLServer its executable in MLSERVER, from an environment of its own with
mlserver and mlserver-xgboost. MLServer predicts in the process that answers, which costs it less than its default of
handing over to another. A server that ends is left out of the figures, and the end of its log says why.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from serving_load import Job, Server, ServerFailed, get, post, running

ROUNDS = 7
ROWS = (1, 100, 1000)
COUNTS = {1: 1500, 100: 100, 1000: 15}
SLOW_COUNTS = {1: 100, 100: 30, 1000: 5}
KEY = "benchmark-key"
HERE = Path(__file__).parent
NOOP, OURS, FASTAPI, MLSERVER = "Flask route, constant", "willbuy", "FastAPI + pandas", "MLServer"
COMPARED = [
    (f"{OURS}, 1 row / {NOOP}", f"{OURS}, 1", NOOP),
    *((f"{FASTAPI} / {OURS}, {n} rows", f"{FASTAPI}, {n}", f"{OURS}, {n}") for n in ROWS),
    (f"{MLSERVER} / {OURS}, 1 row", f"{MLSERVER}, 1", f"{OURS}, 1"),
]


def main() -> None:
    """Measure and print."""
    version = champion()
    with ExitStack() as stack:
        found = measure(_jobs(stack, version))
    _report(version.name, found)


def measure(jobs: list[Job]) -> dict[str, list[float]]:
    """CPU µs a request of each job, a value a round; without those whose server ended, which are printed."""
    found: dict[str, list[float]] = {job.name: [] for job in jobs}
    for job in [replace(job, count=max(3, job.count // 10)) for job in jobs] + jobs * ROUNDS:
        if job.name in found:
            try:
                found[job.name].append(job.microseconds())
            except ServerFailed as failure:
                print(f"{job.name} is not measured: {failure}\n")
                del found[job.name]
    return {name: values[1:] for name, values in found.items()}  # without the warm-up


def champion() -> Path:
    """The folder of the champion, absolute: servers read paths from other folders than ours."""
    pointer = Path(os.environ.get("WILLBUY_PRODUCTS", "products")).absolute() / "models" / "current.json"
    if not pointer.exists():
        raise SystemExit(f"there is no {pointer}: `make build` first, or set WILLBUY_PRODUCTS")
    return pointer.parent / json.loads(pointer.read_text())["version"]


def _jobs(stack: ExitStack, version: Path) -> list[Job]:
    rows = _rows(version)
    products = str(version.parents[1])
    limits = {"WILLBUY_PRODUCTS": products, "WILLBUY_API_KEYS": f"{KEY}:predict", "WILLBUY_RATE_LIMIT": "1000000"}
    noop = _started(stack, NOOP, [sys.executable, HERE / "serving_noop.py", "PORT"])
    ours = _started(stack, OURS, [sys.executable, "-m", "app"], limits)
    usual = _started(stack, FASTAPI, [sys.executable, HERE / "serving_fastapi.py", "PORT", version])
    jobs = [Job(NOOP, server, get("/predict"), COUNTS[1]) for server in noop]
    for n in ROWS:
        body = {"features": rows[:n]}
        jobs += [Job(f"{OURS}, {n}", s, post("/predict", body, f"X-API-Key: {KEY}"), COUNTS[n]) for s in ours]
        jobs += [Job(f"{FASTAPI}, {n}", s, post("/predict", body), SLOW_COUNTS[n]) for s in usual]
    return jobs + _mlserver(stack, version, rows[0])


def _started(stack: ExitStack, name: str, *arguments) -> list[Server]:
    """The server that `running` starts; none, and a line that says why, if it does not."""
    try:
        return [stack.enter_context(running(*arguments))]
    except ServerFailed as failure:
        print(f"{name} is not measured: {failure}\n")
        return []


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
    command = [sys.executable, HERE / "serving_mlserver.py", executable, folder, "PORT"]
    servers = _started(stack, MLSERVER, command, None, "/v2/health/ready")
    values = [float(v) if isinstance(v, int | float) else 0.0 for name, v in row.items() if not name.endswith("_id")]
    tensor = {"name": "predict", "shape": [1, len(values)], "datatype": "FP32", "data": values}
    return [Job(f"{MLSERVER}, 1", s, post("/v2/models/willbuy/infer", {"inputs": [tensor]}), 500) for s in servers]


def _report(version: str, found: dict[str, list[float]]) -> None:
    print(f"{version}: median of {ROUNDS} rounds, CPU µs a request (lowest to highest)\n")
    for name, values in found.items():
        print(f"{name:24} {statistics.median(values):10,.0f}  ({min(values):,.0f} to {max(values):,.0f})")
    print()
    for title, above, below in COMPARED:
        if above in found and below in found:
            print(f"{title}: {_ratio(found[above], found[below])}")


def _ratio(above: list[float], below: list[float]) -> str:
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
