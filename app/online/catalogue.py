"""The items as the server knows them: category, base price and price, now and at any time before."""

import threading

import numpy as np

from app.online.store import Revision, Store, timeline
from app.online.store.timeline import State
from willbuy.features.kernel import FOREVER, NEVER, NO_CATEGORY
from willbuy.features.places import find, place, slots

# An item: its category is a code, null prices are NaN. It became so at `changed`, NEVER if it always was so; what it
# was before `since` is no longer known.
ITEM = np.dtype([("category", "i8"), ("base_price", "f8"), ("price", "f8"), ("changed", "i8"), ("since", "i8")])
UNKNOWN = np.array((NO_CATEGORY, np.nan, np.nan, NEVER, NEVER), ITEM)


class Catalogue:
    """Follows the items of a store: holds each as it became last, in a table, and its whole timeline as it is stored.

    A change costs the same however many items there are. Safe to use from several threads.
    """

    def __init__(self):
        self.categories: list[str] = []
        self.since: int  # all items are known from then on
        self._codes: dict[timeline.Value, int] = {None: NO_CATEGORY}
        self._contents: dict[int, bytes]
        self._known: int
        self._revision = Revision(b"", 0)
        self._following, self._table = threading.Lock(), threading.Lock()
        self._clear()

    def follow(self, store: Store, revision: Revision) -> None:
        """Take in what has changed in the store up to `revision`, if that has not been done."""
        if revision == self._revision:
            return
        with self._following:
            known = self._revision
            latest, contents = store.items_after(known.number)
            # Another store than before, or one that has lost what it knew: nothing of it is sure any more.
            anew = latest.generation != known.generation or latest.number < known.number
            if anew and known.number:
                latest, contents = store.items_after(0)
            items = np.array([self._read(content) for content in contents.values()], ITEM)
            with self._table:
                if anew:
                    self._clear()
                self._contents.update(contents)
                self._put(np.array(list(contents), np.int64), items)
            self.since = max(self.since, items["since"].max(initial=NEVER))
            self._revision = latest

    def look_up(self, numbers: np.ndarray, time: int) -> np.ndarray:
        """The items (ITEM) of these numbers at `time`, UNKNOWN where nothing was said of one."""
        found = self._latest(numbers)
        for n in np.flatnonzero(found["changed"] > time).tolist():
            found[n] = self._item(self._timeline(int(numbers[n])).at(time))
        return found

    def knows(self, numbers: np.ndarray) -> np.ndarray:
        """Whether anything was said of each of these items."""
        with self._table:
            return self._places(numbers) >= 0

    def known_since(self, numbers: np.ndarray) -> int:
        """The time from which on all of these items are known."""
        return int(self._latest(numbers)["since"].max(initial=NEVER))

    def changes(self, numbers: np.ndarray, after: int) -> list[int]:
        """The times later than `after` at which one of these items changed, in order."""
        changed = set(numbers[self._latest(numbers)["changed"] > after].tolist())
        times = {time for number in changed for time in self._timeline(number).changes}
        return sorted(time for time in times if time > after)

    def _timeline(self, number: int) -> timeline.Timeline:
        # It may have gone since its latest state was looked up.
        return timeline.unpack(self._contents.get(number, b""))

    def _latest(self, numbers: np.ndarray) -> np.ndarray:
        with self._table:
            return self._items.take(self._places(numbers))  # of records much quicker than an index

    def _places(self, numbers: np.ndarray) -> np.ndarray:
        places = np.empty(len(numbers), np.int64)
        # A column of records lies in steps, for which the kernel would be compiled once more.
        find(np.ascontiguousarray(numbers), self._slots, self._numbers, places)
        return places

    def _read(self, content: bytes) -> tuple:
        """The item as it became last, with new codes for new categories."""
        read = timeline.unpack(content)
        categories, *_ = read.values
        for _, category in categories:
            if category not in self._codes:
                self.categories.append(str(category))
                self._codes[category] = len(self.categories) - 1
        return self._item(read.at(FOREVER), max(read.changes, default=NEVER), read.since)

    def _item(self, state: State, changed: int = NEVER, since: int = NEVER) -> tuple:
        prices = (np.nan if price is None else price for price in (state.base_price, state.price))
        return self._codes[state.category], *prices, changed, since

    def _put(self, numbers: np.ndarray, items: np.ndarray) -> None:
        if self._known + len(numbers) >= len(self._items):
            self._make_room(2 * (self._known + len(numbers)))
        places = np.empty(len(numbers), np.int64)
        self._known = place(numbers, self._slots, self._numbers, self._known, places)
        self._items[places] = items

    def _clear(self) -> None:
        self.since, self._known, self._contents = NEVER, 0, {}
        self._numbers, self._items = np.empty(0, np.int64), np.full(1, UNKNOWN)
        self._make_room(0)

    def _make_room(self, count: int) -> None:
        """Move to tables with room for `count` items, and UNKNOWN as the last row: that of place -1."""
        numbers, items = self._numbers[: self._known], self._items[: self._known]
        self._slots, self._numbers, self._items = slots(count), np.empty(count, np.int64), np.full(count + 1, UNKNOWN)
        place(numbers, self._slots, self._numbers, 0, np.empty(len(numbers), np.int64))
        self._items[: len(items)] = items
