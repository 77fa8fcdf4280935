"""What the server remembers of events and items: one small interface, two implementations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from app.online.store.history import Retention


class StoreError(Exception):
    """The store does not answer in time, or cannot; what was asked of it has not been acknowledged."""


class Snapshot(NamedTuple):
    """What `Store.read` found, in the order asked for. `items` is how many entries the item log holds."""

    histories: list[bytes]
    tallies: list[np.ndarray]
    items: int


class Store(Protocol):
    """Safe to use from several threads, and with other processes on the same store. Every method raises StoreError."""

    def add(self, events: Mapping[str, np.ndarray], retention: Retention) -> np.ndarray:
        """Put records (online.RECORD) into the histories of their users and into the daily counts, all or none.

        Returns how many were accepted, duplicates, and too old. When it returns, they are stored durably.
        """

    def read(self, users: Sequence[str], items: Sequence[tuple[int, np.ndarray]]) -> Snapshot:
        """The histories of `users`; and for each (day, item numbers) the counts (n, 30, 3) of the 30 days before."""

    def add_items(self, entries: Sequence[bytes]) -> None:
        """Add to the end of the item log."""

    def items_after(self, count: int) -> list[bytes]:
        """The item log without its first `count` entries."""
