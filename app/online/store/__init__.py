"""What the server remembers of events and items: one small interface, two implementations."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from app.online.store.error import StoreError as StoreError
from app.online.store.retention import Retention
from app.online.store.timeline import Entry
from willbuy.features.kernel import FOREVER


class Revision(NamedTuple):
    """Which state the items are in: `number` grows whenever one changes, as long as the store is the same one.

    A store that was removed, emptied or begun anew is of another `generation`; b"" is one that was never written to.
    """

    generation: bytes
    number: int


class Snapshot(NamedTuple):
    """What `Store.read` found, in the order asked for.

    `uncounted` are the latest days (n,) of which an event of the item came too late for `tallies`; NEVER without one.
    """

    histories: list[bytes]
    tallies: list[np.ndarray]
    uncounted: list[np.ndarray]
    revision: Revision


class Store(Protocol):
    """Safe to use from several threads, and with other processes on the same store. Every method raises StoreError."""

    def add(self, events: Mapping[str, np.ndarray], retention: Retention) -> np.ndarray:
        """Put records (online.RECORD) into the histories of their users and into the daily counts, all or none.

        Returns how many were accepted, duplicates, and too old. When it returns, they are stored durably.
        """

    def read(self, users: Sequence[str], items: Sequence[tuple[int, np.ndarray]]) -> Snapshot:
        """The histories of `users`; and for each (day, item numbers) the counts (n, 30, 3) of the 30 days before."""

    def forget(self, users: Sequence[str], before: int = FOREVER) -> int:
        """Erase those of `users` of whom nothing is known to have happened at `before` or later; returns how many.

        What has gone into the daily counts stays there: it is nobody's any more.
        """

    def some_users(self, place: int) -> tuple[int, list[str]]:
        """Some users, and the place at which to ask for more; 0 is the first place, and says that there are no more."""

    def clean(self) -> None:
        """Let nothing of what was erased lie about on the disk."""

    def put(self, entries: Mapping[int, Sequence[Entry]], retention: Retention) -> int:
        """Put entries into the timelines of their items, given by number, all or none; returns how many changed."""

    def items_after(self, number: int) -> tuple[Revision, dict[int, bytes]]:
        """The latest revision, and the timelines of all items that have changed since that of `number`."""
