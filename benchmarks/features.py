"""The kernel against pandas, Polars and DuckDB: the same columns from the same files, in CPU seconds and peak memory.

    python benchmarks/features.py --events 1000000 5000000 --rounds 3

Every measurement is a process of its own, held to two threads: all of its CPU seconds, imports and reading included,
and its largest resident memory. An engine hands over float64 arrays in the order of the log, in blocks as suits it:
all columns of some rows, some columns of all rows. What comparing them costs is not counted. Engines take turns within
a round. Of several rounds the least CPU counts, for every engine alike. The columns have to be equal to the last bit.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ENGINES = ("kernel", "pandas", "polars", "duckdb")
# BLAS, which no engine uses, spins in as many threads as it is given.
LIMITS = {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2", "ARROW_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.folder)))
        return
    for events in options.events:
        report(events, compare(events, options.engines, options.rounds, options.seed))


def measure(engine: str, folder: Path) -> dict:
    """Run `engine` in this process; its CPU seconds, peak memory in MB, and a digest of each column."""
    digests, hashing = defaultdict(hashlib.sha256), 0.0
    for block in importlib.import_module(f"features_{engine}").compute(folder):
        began = time.thread_time()
        for name, values in block.items():
            digests[name].update(_bytes(values))
        hashing += time.thread_time() - began
    cpu, peak = time.process_time() - hashing, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "peak": peak, "digests": {name: digest.hexdigest() for name, digest in digests.items()}}


def _bytes(values) -> bytes:
    import numpy as np

    values = np.array(values, dtype=np.float64)
    values[np.isnan(values)] = np.nan  # one NaN for all: its sign and payload say nothing
    return values.tobytes()


def compare(events: int, engines: list[str], rounds: int, seed: int) -> dict[str, list[dict]]:
    """The measurements of each engine on one log. Stops with a message if engines disagree on a column."""
    from features_data import write_log

    found = {engine: [] for engine in engines}
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder), events, seed)
        _run("kernel", folder)  # compiles the kernel, once for every later process
        for _ in range(rounds):
            for engine in engines:
                found[engine].append(_run(engine, folder))
                print(f"  {engine}: {found[engine][-1]['cpu']:.1f} CPU s", file=sys.stderr, flush=True)
    digests = {engine: runs[-1]["digests"] for engine, runs in found.items()}
    for engine in engines:
        unequal = [name for name, digest in digests[engines[0]].items() if digests[engine].get(name) != digest]
        if unequal:
            sys.exit(f"{engine} and {engines[0]} disagree on {', '.join(unequal)}")
    return found


def _run(engine: str, folder: str) -> dict:
    environment = {**os.environ, **LIMITS}
    command = [sys.executable, __file__, "--measure", engine, "--folder", folder]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{engine} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def report(events: int, found: dict[str, list[dict]]) -> None:
    first = next(iter(found))
    best = {engine: min(run["cpu"] for run in runs) for engine, runs in found.items()}
    peak = {engine: max(run["peak"] for run in runs) for engine, runs in found.items()}
    columns = len(found[first][0]["digests"])
    print(f"\n{events:,} events, {columns} columns, equal in all engines to the last bit\n")
    print(f"| engine | CPU s | x {first} | peak MB | x {first} |\n|---|---|---|---|---|")
    for engine in found:
        print(
            f"| {engine} | {best[engine]:.1f} | {best[engine] / best[first]:.1f} "
            f"| {peak[engine]:,.0f} | {peak[engine] / peak[first]:.1f} |"
        )
    print(flush=True)


if __name__ == "__main__":
    main()
