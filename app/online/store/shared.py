"""The shared store: Redis, for the servers of many machines.

A history is one string; so is an item's run of daily counts, which Redis adds to in place. Everything an /events
request writes is one transaction, done only if no history it rests on has changed meanwhile.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.online.store import Snapshot, StoreError, history, tallies

PREFIX = "willbuy"
ITEMS = f"{PREFIX}:items"


class SharedStore:
    """The store at the Redis URL `url`. A method that has not been done after `timeout` seconds fails."""

    def __init__(self, url: str, timeout: float):
        self._timeout = timeout
        # A connection may have gone stale while the server was away, so that a second try is worth it.
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=timeout / 3,
            socket_connect_timeout=timeout / 3,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
        )

    def add(self, events: Mapping[str, np.ndarray], retention: history.Retention) -> np.ndarray:
        end = time.monotonic() + self._timeout
        with self._errors():
            while time.monotonic() < end:
                try:
                    return self._add(events, retention)
                except redis.WatchError:
                    # Another writer of the same user was quicker; step out of its way.
                    time.sleep(random.random() * 0.01)
        raise StoreError("too many others write the events of the same users")

    def read(self, users: Sequence[str], items: Sequence[tuple[int, np.ndarray]]) -> Snapshot:
        with self._errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.mget([_user(user) for user in users] or [ITEMS + ":none"])
            for day, numbers in items:
                pipe.mget([_run(item, run) for item in numbers.tolist() for run in tallies.runs(day)])
            pipe.llen(ITEMS)
            histories, *counts, known = pipe.execute()
        windows = [tallies.window(found, day) for found, (day, _) in zip(counts, items, strict=True)]
        return Snapshot([content or b"" for content in histories][: len(users)], windows, known)

    def add_items(self, entries: Sequence[bytes]) -> None:
        with self._errors():
            self._redis.rpush(ITEMS, *entries)

    def items_after(self, count: int) -> list[bytes]:
        with self._errors():
            return self._redis.lrange(ITEMS, count, -1)

    def _add(self, events: Mapping[str, np.ndarray], retention: history.Retention) -> np.ndarray:
        keys = [_user(user) for user in events]
        with self._redis.pipeline() as pipe:
            pipe.watch(*keys)
            old = [content or b"" for content in pipe.mget(keys)]
            merged = history.merge_all(old, list(events.values()), retention)
            pipe.multi()
            for key, before, after in zip(keys, old, merged, strict=True):
                _write(pipe, key, before, after.content)
            for increment in tallies.increments(np.concatenate([m.fresh for m in merged])):
                _tally(pipe, increment)
            pipe.execute()
        return history.outcome(merged)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            raise StoreError(f"redis: {error}") from error


def _user(user: str) -> bytes:
    return f"{PREFIX}:user:{user}".encode()


def _run(item: int, run: int) -> str:
    return f"{PREFIX}:tally:{item}:{run}"


def _write(pipe, key: bytes, before: bytes, after: bytes) -> None:
    if before and after.startswith(before):
        pipe.append(key, after[len(before) :])
    elif before != after:
        pipe.set(key, after)


def _tally(pipe, increment: tallies.Increment) -> None:
    field = pipe.bitfield(_run(increment.item, increment.run))
    for cell, count in zip(increment.cells.tolist(), increment.counts.tolist(), strict=True):
        field.incrby("u32", f"#{cell}", count)
    field.execute()
