"""The shared store: Redis, for the servers of many machines.

A history is one string; so is an item's run of daily counts, which Redis adds to in place. The timelines of all items
are one hash, and a sorted set holds the revision at which each changed last; another one the latest day of which an
event of an item came too late to be counted. What a request writes is one transaction,
done only if nothing that it rests on has changed meanwhile.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.online.store import Revision, Snapshot, StoreError, history, tallies, timeline
from app.online.store.retention import Retention
from app.online.store.timeline import Entry
from willbuy.features.kernel import FOREVER, NEVER

PREFIX = "willbuy"
NAMES = ("timelines", "revisions", "uncounted", "generation", "items")
TIMELINES, REVISIONS, UNCOUNTED, GENERATION, OLD_ITEMS = (f"{PREFIX}:{name}" for name in NAMES)
USER = f"{PREFIX}:user:"
AT_ONCE = 500  # users


class SharedStore:
    """The store at the Redis URL `url`. A method that has not been done after `timeout` seconds fails."""

    def __init__(self, url: str, timeout: float):
        self._timeout = timeout
        # A connection may have gone stale while the server was away, so that a second try is worth it.
        self._redis: Any = redis.Redis.from_url(
            url,
            socket_timeout=timeout / 3,
            socket_connect_timeout=timeout / 3,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
        )

    def add(self, events: Mapping[str, np.ndarray], retention: Retention) -> np.ndarray:
        return self._insist(_add, events, retention)

    def read(self, users: Sequence[str], items: Sequence[tuple[int, np.ndarray]]) -> Snapshot:
        with self._errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.mget([_user(user) for user in users] or [b"none"])
            for day, numbers in items:
                pipe.mget([_run(item, run) for item in numbers.tolist() for run in tallies.runs(day)])
                pipe.zmscore(UNCOUNTED, numbers.tolist())
            _ask_latest(pipe)
            histories, *counts, generation, found = pipe.execute()
            latest = _latest(self._redis, generation, found)
        windows = [tallies.window(found, day) for found, (day, _) in zip(counts[::2], items, strict=True)]
        uncounted = [np.array([NEVER if day is None else int(day) for day in days], np.int64) for days in counts[1::2]]
        return Snapshot([content or b"" for content in histories][: len(users)], windows, uncounted, latest)

    def forget(self, users: Sequence[str], before: int = FOREVER) -> int:
        return self._insist(_forget, users, before)

    def some_users(self, place: int) -> tuple[int, list[str]]:
        with self._errors():
            place, keys = self._redis.scan(place, f"{USER}*", count=AT_ONCE)
        return place, [key.decode().removeprefix(USER) for key in keys]

    def clean(self) -> None:
        """Has Redis begin to write its file of commands anew, since it still holds what was erased."""
        end = time.monotonic() + self._timeout
        with self._errors():
            while self._redis.info("persistence")["aof_rewrite_in_progress"] and time.monotonic() < end:
                time.sleep(0.02)
            if self._redis.info("persistence")["aof_enabled"]:
                self._redis.bgrewriteaof()

    def put(self, entries: Mapping[int, Sequence[Entry]], retention: Retention) -> int:
        return self._insist(_put, entries, retention)

    def items_after(self, number: int) -> tuple[Revision, dict[int, bytes]]:
        with self._errors(), self._redis.pipeline() as pipe:
            _ask_latest(pipe)
            pipe.zrangebyscore(REVISIONS, number + 1, "+inf")
            *latest, items = pipe.execute()
            contents = self._redis.hmget(TIMELINES, items) if items else []
            known = {int(item): content for item, content in zip(items, contents, strict=True) if content is not None}
            return _latest(self._redis, *latest), known

    def _insist(self, write: Callable, *arguments):
        """What `write` returns: one transaction, tried again while others write what it rests on."""
        end = time.monotonic() + self._timeout
        with self._errors():
            while time.monotonic() < end:
                try:
                    with self._redis.pipeline() as pipe:
                        return write(pipe, *arguments)
                except redis.WatchError:
                    # Another writer was quicker; step out of its way.
                    time.sleep(random.random() * 0.01)
        raise StoreError("too many others write of the same users or items")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            raise StoreError(f"redis: {error}") from error


def _add(pipe: Any, events: Mapping[str, np.ndarray], retention: Retention) -> np.ndarray:
    keys = [_user(user) for user in events]
    pipe.watch(*keys)
    old = [content or b"" for content in pipe.mget(keys)]
    merged = history.merge_all(old, list(events.values()), retention)
    pipe.multi()
    _set_generation(pipe)
    for key, before, after in zip(keys, old, merged, strict=True):
        _write(pipe, key, before, after.content)
    for increment in tallies.increments(np.concatenate([m.fresh for m in merged])):
        _tally(pipe, increment)
    if late := tallies.uncounted(np.concatenate([m.late for m in merged])):
        pipe.zadd(UNCOUNTED, late, gt=True)
    pipe.execute()
    return history.outcome(merged)


def _forget(pipe: Any, users: Sequence[str], before: int) -> int:
    keys = [_user(user) for user in users]
    pipe.watch(*keys)
    pairs = zip(keys, pipe.mget(keys), strict=True)
    gone = [key for key, content in pairs if history.is_before(content or b"", before)]
    if gone:
        pipe.multi()
        pipe.delete(*gone)
        pipe.execute()
    return len(gone)


def _put(pipe: Any, entries: Mapping[int, Sequence[Entry]], retention: Retention) -> int:
    pipe.watch(TIMELINES)
    latest = _latest(pipe, None, pipe.zrange(REVISIONS, -1, -1, withscores=True))
    old = [content or b"" for content in pipe.hmget(TIMELINES, list(entries))]
    first = timeline.next_revision(latest.number, retention)
    merge = timeline.merge_all(dict(zip(entries, old, strict=True)), entries, retention)
    pipe.multi()
    _set_generation(pipe)
    if merge.contents:
        pipe.hset(TIMELINES, mapping=merge.contents)
    if merge.changed:
        pipe.zadd(REVISIONS, {item: revision for revision, item in enumerate(merge.changed, first)})
    pipe.execute()
    return len(merge.changed)


def _set_generation(pipe: Any) -> None:
    """Every write makes sure of one, since all may go away between two."""
    pipe.set(GENERATION, os.urandom(8), nx=True)


def _ask_latest(pipe: Any) -> None:
    pipe.get(GENERATION)
    pipe.zrange(REVISIONS, -1, -1, withscores=True)


def _latest(client: Any, generation: bytes | None, found: list[tuple[bytes, float]]) -> Revision:
    """The latest revision, which was `found` if there is any."""
    if not found and client.exists(OLD_ITEMS):
        raise StoreError(f"redis: from before items had timelines; delete {OLD_ITEMS}, then send all items again")
    return Revision(generation or b"", int(found[0][1]) if found else 0)


def _user(user: str) -> bytes:
    return f"{USER}{user}".encode()


def _run(item: int, run: int) -> str:
    return f"{PREFIX}:tally:{item}:{run}"


def _write(pipe: Any, key: bytes, before: bytes, after: bytes) -> None:
    if before and after.startswith(before):
        pipe.append(key, after[len(before) :])
    elif before != after:
        pipe.set(key, after)


def _tally(pipe: Any, increment: tallies.Increment) -> None:
    field = pipe.bitfield(_run(increment.item, increment.run))
    for cell, count in zip(increment.cells.tolist(), increment.counts.tolist(), strict=True):
        field.incrby("u32", f"#{cell}", count)
    field.execute()
