"""A log of tens of millions of events through ingest, sessionize, split and featurize: time and memory of each stage.

    python benchmarks/scale.py --events 40000000 --folder /tmp/scale

writes a log of the simulated shop as CSV (once; a second run finds it), runs every stage in a process of its own, and
prints wall and CPU seconds and the peak of its resident memory. It takes about 25 GB of disk for 40 million events.

Measured on 2 cores that other work was using too, so that wall times say little (a 2.6 GB CSV, 4GB for DuckDB):

    stage         wall s   CPU s  peak GB  events/CPU s
    ingest           343     134     4.57       298,264
    sessionize       397     100     4.35       399,927
    split            177      38     4.26     1,061,083
    featurize        714     123     1.60       324,814
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from willbuy import machine

STAGES = ("simulate", "ingest", "sessionize", "split", "featurize")
LIMIT_GB = 6
PART_USERS = 10_000
SHOP = {"items": 1000, "days": 90, "start": "2024-01-01", "horizon_days": 7}
SPLIT = {"horizon_days": 7, "train_share": 0.7, "validation_share": 0.15}
MAPPING = """
columns: {user_id: user_id, item_id: item_id, event_type: event_type, timestamp: timestamp, price: price,
          duration_seconds: duration_seconds}
event_types: {view: view, scroll: scroll, add_to_cart: add_to_cart, remove_from_cart: remove_from_cart,
              purchase: purchase}
timestamp: iso8601
"""


@dataclass(frozen=True)
class Used:
    """What one stage took: seconds of wall and of CPU, and the peak of its resident memory."""

    wall: float
    cpu: float
    peak_gb: float


def simulate(folder: Path, events: int) -> None:
    """Write `log.csv`: as many simulated shops one after another as it takes, each with users of its own."""
    from willbuy.shop import simulate

    (folder / "mapping.yaml").write_text(MAPPING)
    written, part = 0, 0
    with open(folder / "log.csv.tmp", "wb") as file:
        while written < events:
            table = simulate(PART_USERS, **SHOP, seed=part).events.slice(0, events - written)
            users = pa.compute.binary_join_element_wise(f"p{part}", table["user_id"], "-")
            table = table.set_column(0, "user_id", users)
            csv.write_csv(table, file, csv.WriteOptions(include_header=part == 0, quoting_style="needed"))
            written, part = written + len(table), part + 1
    os.replace(folder / "log.csv.tmp", folder / "log.csv")


def ingest(folder: Path, events: int) -> None:
    from willbuy.ingest import ingest

    print(ingest(folder / "log.csv", folder / "mapping.yaml", folder), file=sys.stderr)


def sessionize(folder: Path, events: int) -> None:
    from willbuy.sessions import sessionize

    sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)


def split(folder: Path, events: int) -> None:
    from willbuy.splits import split

    split(folder / "sessions.parquet", folder / "examples", **SPLIT)


def featurize(folder: Path, events: int) -> None:
    from willbuy.features.tables import featurize

    names = [f"{split}.parquet" for split in ("train", "validation", "test")]
    features = {folder / "examples" / name: folder / "features" / name for name in names}
    featurize(folder / "sessions.parquet", folder / "items.parquet", features, session_gap_minutes=30)


def measure(stage: str, arguments: argparse.Namespace) -> Used:
    """Run `stage` in a fresh process and see what it took. Raises SystemExit where it fails."""
    command = [sys.executable, __file__, "--stage", stage, "--folder", str(arguments.folder)]
    command += ["--events", str(arguments.events), "--memory-limit", arguments.memory_limit]
    command += ["--threads", str(arguments.threads)]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{stage} failed with exit code {process.returncode}")
    return Used(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=40_000_000)
    parser.add_argument("--folder", type=Path, required=True, help="where the log and the tables go")
    parser.add_argument("--memory-limit", default="4GB", help="DuckDB's")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stage", choices=STAGES, help="run only this stage, in this process, unmeasured")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.stage:
        machine.announce(memory_limit=arguments.memory_limit, threads=arguments.threads)
        globals()[arguments.stage](arguments.folder, arguments.events)
    else:
        report(arguments)


def report(arguments: argparse.Namespace) -> None:
    """Measure every stage and print the table."""
    print(f"{arguments.events:,} events, {arguments.threads} threads, memory_limit {arguments.memory_limit}")
    print(f"{'stage':<12}{'wall s':>8}{'CPU s':>8}{'peak GB':>9}{'events/CPU s':>14}")
    for stage in STAGES:
        if stage == "simulate" and (arguments.folder / "log.csv").exists():
            continue
        used = measure(stage, arguments)
        over = f"  over {LIMIT_GB} GB" if stage != "simulate" and used.peak_gb > LIMIT_GB else ""
        speed = arguments.events / used.cpu
        print(f"{stage:<12}{used.wall:>8.0f}{used.cpu:>8.0f}{used.peak_gb:>9.2f}{speed:>14,.0f}{over}", flush=True)


if __name__ == "__main__":
    main()
