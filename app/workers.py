"""The workers of this server, as each tells the others of itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app import logs, slots

NAME = "worker"


class Worker(msgspec.Struct, frozen=True):
    """A running worker: its place, its process, and the model that it serves.

    `behind` says that this is not the champion, which it had to refuse; `dropped_log_lines` that nobody read its log.
    """

    worker: int
    pid: int
    model_version: str | None
    behind: bool
    dropped_log_lines: int


class Workers(Collector):
    """This worker's own line, and those of the others that share the folder."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._number, self._file = slots.claim(folder, NAME)
        self._told: Worker | None = None
        self.tell(None, False)

    def tell(self, version: str | None, behind: bool) -> None:
        """This worker serves the model `version`."""
        told = Worker(self._number, os.getpid(), version, behind, logs.dropped)
        if told != self._told:
            line = msgspec.json.encode(told)
            # A line is read whole or as the one before it: both are shorter than a page.
            os.pwrite(self._file.fileno(), line.ljust(1024), 0)
            self._told = told

    def running(self) -> list[Worker]:
        """The workers that run now."""
        held = [path for _, path in slots.numbered(self._folder, NAME) if slots.is_held(path)]
        lines = [path.read_bytes() for path in held]
        return [msgspec.json.decode(line, type=Worker) for line in lines if line]

    def collect(self) -> Iterator[Metric]:
        """What `prometheus_client` asks of a collector."""
        serving = GaugeMetricFamily(
            "willbuy_worker_model", "The model that each worker serves.", labels=("worker", "version")
        )
        behind = GaugeMetricFamily("willbuy_worker_behind", "1 if it had to refuse the champion.", labels=("worker",))
        dropped = CounterMetricFamily(
            "willbuy_dropped_log_lines", "Lines of the log that nobody took.", labels=("worker",)
        )
        for worker in self.running():
            dropped.add_metric((str(worker.worker),), worker.dropped_log_lines)
            serving.add_metric((str(worker.worker), worker.model_version or ""), 1)
            behind.add_metric((str(worker.worker),), worker.behind)
        yield serving
        yield behind
        yield dropped
