"""The items as the server knows them: category, base price and price, now and at any time before."""

from __future__ import annotations

import threading
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from app.online.store import Store
from app.online.store.history import item_number
from willbuy.features import places
from willbuy.features.kernel import NEVER

NAN = float("nan")


class Entry(msgspec.Struct, omit_defaults=True):
    """An entry of the item log: from `since` (microseconds since 1970) on, the item is so. UNSET stays as it was."""

    item_id: str
    since: int
    category: str | None | UnsetType = UNSET
    base_price: float | None | UnsetType = UNSET
    price: float | None | UnsetType = UNSET


class Version(NamedTuple):
    """An item from `since` on; category is a code, -1 for null."""

    since: int
    category: int
    base_price: float
    price: float


class State(NamedTuple):
    """All items as they are now; `changed` is when each became so, NEVER if it always was.

    `slots` is a hash table of their places, -1 where none is; the last of `base_price`, `category` and `changed` is for
    an unknown item. `times` are all times at which any item changed, in order.
    """

    slots: np.ndarray
    number: np.ndarray
    base_price: np.ndarray
    category: np.ndarray
    changed: np.ndarray
    times: list[int]


class Catalogue:
    """Follows the item log of a store. An item's first version also stands for the time before it."""

    def __init__(self):
        self.categories: list[str] = []
        self._codes: dict[str, int] = {}
        self._versions: dict[int, list[Version]] = {}
        self._count, self._lock = 0, threading.Lock()
        self._state = self._packed()

    def follow(self, store: Store, count: int) -> None:
        """Read the log up to its first `count` entries, if that has not been done."""
        if count <= self._count:
            return
        with self._lock:
            entries = store.items_after(self._count)
            self._apply(msgspec.msgpack.decode(entry, type=Entry) for entry in entries)
            self._count += len(entries)

    def look_up(self, numbers: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        """Base prices (NaN is null) and category codes (-1 is null) at `time`; an unknown item has neither."""
        state, found = self._state, np.empty(len(numbers), np.int64)
        places.find(numbers, state.slots, state.number, found)
        base_price, category = state.base_price[found], state.category[found]
        for n in np.flatnonzero(state.changed[found] > time).tolist():
            before = self._at(int(numbers[n]), time)
            base_price[n], category[n] = before.base_price, before.category
        return base_price, category

    def price(self, number: int, time: int) -> float:
        """The item's price at `time`, NaN if it is not known."""
        return self._at(number, time).price if number in self._versions else NAN

    def epoch(self, time: int) -> int:
        """A number that is the same for two times if no item changed between them."""
        return bisect_right(self._state.times, time)

    def differs(self, entry: Entry) -> bool:
        """Whether `entry` says something new of its item."""
        number = item_number(entry.item_id)
        if number not in self._versions:
            return True
        now = self._at(number, entry.since)
        return repr(self._version(entry, now)[1:]) != repr(now[1:])

    def _at(self, number: int, time: int) -> Version:
        versions = self._versions[number]
        return versions[max(bisect_right(versions, time, key=lambda v: v.since) - 1, 0)]

    def _apply(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            number = item_number(entry.item_id)
            versions = self._versions.get(number, [])
            before = self._at(number, entry.since) if versions else Version(NEVER, -1, NAN, NAN)
            # Others may be reading the old list.
            kept = [version for version in versions if version.since != entry.since]
            insort(kept, self._version(entry, before), key=lambda v: v.since)
            self._versions[number] = kept
        self._state = self._packed()

    def _version(self, entry: Entry, before: Version) -> Version:
        values = (
            before.category if entry.category is UNSET else self._code(entry.category),
            before.base_price if entry.base_price is UNSET else _number(entry.base_price),
            before.price if entry.price is UNSET else _number(entry.price),
        )
        return Version(entry.since, *values)

    def _code(self, category: str | None) -> int:
        if category is None:
            return -1
        if category not in self._codes:
            self.categories.append(category)
            self._codes[category] = len(self.categories) - 1
        return self._codes[category]

    def _packed(self) -> State:
        numbers = np.array(list(self._versions), np.int64)
        latest = [versions[-1] for versions in self._versions.values()]
        times = sorted(v.since for versions in self._versions.values() for v in versions[1:])
        slots = places.slots(len(numbers))
        places.place(numbers, slots, numbers, 0, np.empty_like(numbers))
        return State(
            slots,
            numbers,
            np.array([*(v.base_price for v in latest), NAN]),
            np.array([*(v.category for v in latest), -1]),
            np.array([*(vs[-1].since if len(vs) > 1 else NEVER for vs in self._versions.values()), NEVER]),
            times,
        )


def encode(entries: Sequence[Entry]) -> list[bytes]:
    """The entries as the item log keeps them."""
    return [msgspec.msgpack.encode(entry) for entry in entries]


def _number(value: float | None) -> float:
    return NAN if value is None else value
