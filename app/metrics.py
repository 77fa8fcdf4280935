"""What the server counts, exact over all workers: each adds to its own file, a scrape sums all files."""

import os
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from app import slots

STATUSES = (200, 204, 304, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 503)
OTHER = "other"
SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SCORES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
INCOMPLETE = "Rows scored without a feature that has a value in every row of training."
VERSIONS = 64
IDS = ("user_id", "item_id")
FATES = ("accepted", "duplicate", "too_old")
NAME = "metrics"


class Metrics(Collector):
    """Counters and histograms of one worker, in a file of `folder` that no other worker writes.

    A worker takes the first file that no running worker holds and goes on counting in it, so that no count is lost
    when a worker is killed. `routes` must be the same in all workers.
    """

    def __init__(self, folder: Path, routes: Sequence[str]):
        self._folder, self._routes = folder, (*routes, OTHER)
        self._route: dict[str | None, int] = {route: i for i, route in enumerate(routes)}
        self._status = {status: i for i, status in enumerate(STATUSES)}
        self._type = _layout(len(self._routes))
        _, self._file = slots.claim(folder, NAME)
        os.ftruncate(self._file.fileno(), self._type.itemsize)
        mapped = np.memmap(self._file, self._type, "r+", shape=(1,))
        # A plain array: an index of a memmap costs microseconds.
        self._mine, self._in_flight = mapped[0], mapped["in_flight"].view(np.ndarray)
        self._in_flight[0] = 0  # not those of a worker that was killed
        self._requests, self._latency = self._mine["requests"], self._mine["latency"]
        self._seconds, self._scores, self._score_sum = (self._mine[n] for n in ("seconds", "scores", "score_sum"))
        self._incomplete = self._mine["incomplete"]
        self._version: tuple[str, int] = ("", 0)
        self._lock = threading.Lock()

    def count_request(self, route: str | None, status: int, seconds: float) -> None:
        """One answered request; `route` is its rule, None if no rule matched."""
        r = self._route.get(route, -1)
        with self._lock:
            self._requests[r, self._status.get(status, -1)] += 1
            self._latency[r, bisect_left(SECONDS, seconds)] += 1
            self._seconds[r] += seconds

    def count_scores(self, version: str, probabilities: np.ndarray, incomplete: int = 0) -> None:
        """Rows scored by the model `version`; `incomplete` of them lack a feature that training always had."""
        with self._lock:
            slot = self._slot(version)
            if incomplete:
                self._incomplete[slot] += incomplete
            if len(probabilities) == 1:  # without the fixed costs of three array operations
                p = probabilities.item()
                self._scores[slot, bisect_left(SCORES, p)] += 1
                self._score_sum[slot] += p
            else:
                buckets = np.searchsorted(SCORES, probabilities)
                self._scores[slot] += np.bincount(buckets, minlength=len(SCORES) + 1)
                self._score_sum[slot] += probabilities.sum()

    def count_unknown(self, unknown: Iterable[Collection[str]]) -> None:
        """Decision points scored, each with the ids of which nothing was known."""
        found = Counter(name for names in unknown for name in names)
        if found:
            with self._lock:
                self._mine["unknown"] += [found[name] for name in IDS]

    def count_events(self, outcome: np.ndarray) -> None:
        """Events sent: how many of them were accepted, duplicates, and too old."""
        with self._lock:
            self._mine["events"] += outcome

    def begin(self) -> None:
        """A request has begun."""
        with self._lock:
            self._in_flight[0] += 1

    def end(self) -> None:
        """A request has ended."""
        with self._lock:
            self._in_flight[0] -= 1

    def count_load(self, worked: bool) -> None:
        """A model taken by this worker, or one that it had to refuse."""
        with self._lock:
            self._mine["loads"][int(worked)] += 1

    def exposition(self, *others: Collector) -> bytes:
        """All workers' counts, and what the others collect, in Prometheus's text format."""
        registry = CollectorRegistry()
        for collector in (self, *others):
            registry.register(collector)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """What `prometheus_client` asks of a collector."""
        files = [np.fromfile(path, self._type) for _, path in slots.numbered(self._folder, NAME)]
        every = np.concatenate([file for file in files if len(file)])
        yield from self._request_families(every)
        yield from _score_families(every)
        failed, worked = every["loads"].sum(axis=0)
        yield CounterMetricFamily("willbuy_model_loads", "Models taken by a worker.", value=worked)
        yield CounterMetricFamily("willbuy_model_load_failures", "Models a worker refused to take.", value=failed)
        for what, count in zip(("users", "items"), every["unknown"].sum(axis=0), strict=True):
            yield CounterMetricFamily(f"willbuy_unknown_{what}", f"Decision points on unknown {what}.", value=count)
        events = CounterMetricFamily("willbuy_events", "Events sent.", labels=("fate",))
        for fate, count in zip(FATES, every["events"].sum(axis=0), strict=True):
            events.add_metric((fate,), count)
        yield events
        held = [np.fromfile(path, self._type) for _, path in slots.numbered(self._folder, NAME) if slots.is_held(path)]
        busy = sum(file["in_flight"].sum() for file in held)
        yield GaugeMetricFamily("willbuy_requests_in_flight", "Requests begun and not yet answered.", value=busy)

    def _request_families(self, every: np.ndarray):
        requests = CounterMetricFamily("willbuy_requests", "Requests answered.", labels=("route", "status"))
        latency = HistogramMetricFamily("willbuy_request_seconds", "Time to answer.", labels=("route",))
        counts, buckets, seconds = (every[name].sum(axis=0) for name in ("requests", "latency", "seconds"))
        for r in np.flatnonzero(counts.sum(axis=1)):
            for s in np.flatnonzero(counts[r]):
                requests.add_metric((self._routes[r], str((*STATUSES, OTHER)[s])), counts[r, s])
            latency.add_metric((self._routes[r],), _cumulated(SECONDS, buckets[r]), seconds[r])
        yield requests
        yield latency

    def _slot(self, version: str) -> int:
        if self._version[0] != version:
            names = self._mine["versions"]
            known = np.flatnonzero((names == version.encode()) | (names == b""))
            # The last slot is shared by all versions that no longer fit.
            slot = int(known[0]) if len(known) and known[0] < VERSIONS - 1 else VERSIONS - 1
            names[slot] = version.encode() if slot < VERSIONS - 1 else OTHER.encode()
            self._version = version, slot
        return self._version[1]


def _layout(routes: int) -> np.dtype:
    return np.dtype(
        [
            ("requests", "f8", (routes, len(STATUSES) + 1)),
            ("latency", "f8", (routes, len(SECONDS) + 1)),
            ("seconds", "f8", (routes,)),
            ("loads", "f8", (2,)),
            ("versions", "S24", (VERSIONS,)),
            ("scores", "f8", (VERSIONS, len(SCORES) + 1)),
            ("score_sum", "f8", (VERSIONS,)),
            ("incomplete", "f8", (VERSIONS,)),
            ("unknown", "f8", (len(IDS),)),
            ("in_flight", "f8"),
            ("events", "f8", (len(FATES),)),
        ]
    )


def _score_families(every: np.ndarray):
    rows = CounterMetricFamily("willbuy_rows", "Rows scored.", labels=("version",))
    incomplete = CounterMetricFamily("willbuy_incomplete_rows", INCOMPLETE, labels=("version",))
    scores = HistogramMetricFamily("willbuy_probability", "Probabilities answered.", labels=("version",))
    for name in sorted(set(every["versions"].ravel()) - {b""}):
        mine = every["versions"] == name
        buckets = every["scores"][mine].sum(axis=0)
        rows.add_metric((name.decode(),), buckets.sum())
        incomplete.add_metric((name.decode(),), every["incomplete"][mine].sum())
        scores.add_metric((name.decode(),), _cumulated(SCORES, buckets), every["score_sum"][mine].sum())
    yield rows
    yield incomplete
    yield scores


def _cumulated(edges: Sequence[float], counts: np.ndarray) -> list[tuple[str, float]]:
    return list(zip([*map(str, edges), "+Inf"], np.cumsum(counts), strict=True))
