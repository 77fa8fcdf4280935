"""The rate limit of a key, exact over all workers of one machine."""

import fcntl
import mmap
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

MINUTE = 60.0


class RateLimit:
    """At most `a_minute` requests of each of `keys` keys in any 60 seconds.

    A file that all workers map holds, for each key, a count and a ring of the times of its last `a_minute` admitted
    requests: one more is admitted if the oldest of them is a minute ago. The clock is the machine's monotonic one.
    """

    def __init__(
        self, folder: Path, keys: int, a_minute: int, clock: Callable[[], float] = time.monotonic, name="limit"
    ):
        self._a_minute, self._clock = a_minute, clock
        self._stride = 1 + a_minute
        size = 8 * self._stride * keys
        self._file = os.open(folder / f"{name}-{keys}-{a_minute}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        os.ftruncate(self._file, size)  # sparse: a page takes memory once a request has touched it
        self._map = mmap.mmap(self._file, size)
        self._counts = memoryview(self._map).cast("q")
        self._times = memoryview(self._map).cast("d")
        self._lock = threading.Lock()

    def left(self, key: int) -> float:
        """What `wait` would say now; no request is counted."""
        return self._left(key * self._stride, self._clock())

    def wait(self, key: int) -> float:
        """0 if a request of `key` is admitted now (and it then counts), else the seconds until one would be."""
        start = key * self._stride
        # The file lock keeps other processes out, the other one this process's threads.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 8, 8 * start)
            try:
                return self._admit(start, self._clock())
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 8, 8 * start)

    def _admit(self, start: int, now: float) -> float:
        if wait := self._left(start, now):
            return wait
        self._times[self._slot(start)] = now
        self._counts[start] += 1
        return 0.0

    def _left(self, start: int, now: float) -> float:
        oldest = self._times[self._slot(start)]
        wait = oldest + MINUTE - now
        # A time ahead of the clock is from before a reboot; 0 is a slot never used.
        return wait if oldest and 0 < wait <= MINUTE else 0.0

    def _slot(self, start: int) -> int:
        return start + 1 + self._counts[start] % self._a_minute
