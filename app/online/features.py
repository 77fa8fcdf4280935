"""Features from the store: the definitions and the kernel that made the training table, on what has happened so far."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from time import time_ns
from typing import NamedTuple

import numpy as np

from app.online.catalogue import Catalogue
from app.online.records import item_number
from app.online.store import Store, StoreError, history
from app.online.store.retention import Retention
from app.online.store.timeline import Entry
from willbuy.clock import DAY_US
from willbuy.features.feature import LOOKBACK_US, TALLIED_DAYS
from willbuy.features.kernel import NEVER, TALLIED
from willbuy.features.online import DECISION, Day, Shopper, compute

Histories = Mapping[str, history.History]  # by user


class Decision(NamedTuple):
    """A decision point: who, on which item (its number), when (microseconds since 1970), and the event itself.

    `price` is None where it is not known and was not told: then it is the item's at that time.
    """

    user_id: str
    item: int
    time: int
    price: float | None
    is_cart: bool


class ForgottenError(Exception):
    """Decision points that need events that are no longer kept: their places, and the first times that do not."""

    def __init__(self, places: list[int], since: list[int]):
        super().__init__("what this decision point needs is no longer kept")
        self.places, self.since = places, since


class Online:
    """Keeps events and items in a store, and computes the features of decision points from it.

    Decision points are answered from `lookback_days` before the user's newest event on. Safe to use from several
    threads.
    """

    def __init__(self, store: Store, lookback_days: int):
        self.store, self.catalogue = store, Catalogue()
        # Daily counts begin at midnight, up to a day before a window of 30 days.
        self._kept_us = LOOKBACK_US + DAY_US + lookback_days * DAY_US
        self._compile()

    def now(self) -> int:
        """Microseconds since 1970 by the server's clock: the time of what names none."""
        return time_ns() // 1000

    def answers(self) -> bool:
        """Whether the store does."""
        try:
            self.store.read([], [])
        except StoreError:
            return False
        return True

    def add(self, events: Mapping[str, np.ndarray], gap_us: int | None) -> np.ndarray:
        """`Store.add`. `gap_us` is the longest gap inside a session of the model that serves, None without a model."""
        return self.store.add(events, Retention(self.now(), self._kept_us, gap_us))

    def put(self, entries: Iterable[Entry]) -> int:
        """`Store.put`."""
        by_item: dict[int, list[Entry]] = {}
        for entry in entries:
            by_item.setdefault(item_number(entry.item_id), []).append(entry)
        return self.store.put(by_item, Retention(self.now(), self._kept_us, None))

    def features(self, decisions: Sequence[Decision], gap_us: int) -> np.ndarray:
        """Every feature of FEATURES: float64 (features, decisions). Null is NaN; a category is its code.

        `gap_us` is the longest gap inside a session. Raises StoreError and ForgottenError.
        """
        users = list(dict.fromkeys(decision.user_id for decision in decisions))
        by_day: dict[int, list[int]] = {}
        for decision in decisions:
            by_day.setdefault(decision.time // DAY_US, []).append(decision.item)
        items = [(day, np.unique(numbers)) for day, numbers in by_day.items()]
        found = self.store.read(users, items)
        self.catalogue.follow(self.store, found.revision)
        histories = dict(zip(users, map(history.unpack, found.histories), strict=True))
        counted = _counted_since(items, found.uncounted)
        self._refuse_forgotten(decisions, histories, counted, gap_us)
        days = {day: Day(day, numbers, counts) for (day, numbers), counts in zip(items, found.tallies, strict=True)}
        return self._in_parts(decisions, days, histories, gap_us)

    def _in_parts(
        self, decisions: Sequence[Decision], days: Mapping[int, Day], histories: Histories, gap_us: int
    ) -> np.ndarray:
        """The features of all decisions: of each day, and of each time between two changes of items, at once."""
        changes = self._changes(decisions, histories)
        keys = [(d.time // DAY_US, bisect_right(changes, d.time), d.user_id) for d in decisions]
        order = sorted(range(len(decisions)), key=keys.__getitem__)
        parts = []
        for (day, _), same in groupby(order, lambda n: keys[n][:2]):
            mine = [decisions[n] for n in same]
            parts.append(self._compute(mine, _part(days[day], mine) if changes else days[day], histories, gap_us))
        out = np.concatenate(parts, axis=1)
        return out if order == list(range(len(order))) else out[:, np.argsort(order)]

    def _refuse_forgotten(
        self, decisions: Sequence[Decision], histories: Histories, counted: Mapping[int, int], gap_us: int
    ) -> None:
        answered = {user: mine.answered_from(gap_us) for user, mine in histories.items()}
        since = [
            max(answered[d.user_id], self._items_since(d, histories[d.user_id]), counted.get(d.item, NEVER))
            for d in decisions
        ]
        late = [n for n, decision in enumerate(decisions) if decision.time < since[n]]
        if late:
            raise ForgottenError(late, [since[n] for n in late])

    def _items_since(self, decision: Decision, mine: history.History) -> int:
        """The time from which on all items that the decision needs are known; NEVER if they are."""
        if decision.time >= self.catalogue.since:
            return NEVER
        return self.catalogue.known_since(np.append(mine.records["item"], decision.item))

    def _changes(self, decisions: Sequence[Decision], histories: Histories) -> list[int]:
        """The times at which an item that they need changed, as far as they lie between the decisions."""
        times = [decision.time for decision in decisions]
        if min(times) == max(times):
            return []
        items = [decision.item for decision in decisions]
        seen = [mine.records["item"] for mine in histories.values()]
        return self.catalogue.changes(np.concatenate([*seen, np.array(items, np.int64)]), min(times))

    def _compute(self, decisions: list[Decision], day: Day, histories: Histories, gap_us: int) -> np.ndarray:
        """The features of decisions in the order of their users, on one day, between which no item changed."""
        time, records = decisions[0].time, self._records(decisions)
        shoppers, first = [], 0
        for user, his in groupby(decision.user_id for decision in decisions):
            last = first + len(list(his))
            shoppers.append(Shopper(histories[user].records, histories[user].ever, records[first:last]))
            first = last
        return compute(shoppers, day, lambda items: self._prices_and_categories(items, time), gap_us)

    def _records(self, decisions: list[Decision]) -> np.ndarray:
        records = np.empty(len(decisions), DECISION)
        records["time"], records["item"] = [d.time for d in decisions], [d.item for d in decisions]
        records["is_cart"] = [d.is_cart for d in decisions]
        usual = self.catalogue.look_up(records["item"], decisions[0].time)["price"].tolist()
        records["price"] = [price if d.price is None else d.price for d, price in zip(decisions, usual, strict=True)]
        return records

    def _prices_and_categories(self, items: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        found = self.catalogue.look_up(items, time)
        return found["base_price"], found["category"]

    def _compile(self) -> None:
        """Have all compiled before the first request."""
        nobody, decisions = history.unpack(b""), np.zeros(1, DECISION)
        day = Day(0, decisions["item"], np.zeros((1, TALLIED_DAYS, len(TALLIED)), np.int64))
        shopper = Shopper(nobody.records, nobody.ever, decisions)
        compute([shopper], day, lambda items: self._prices_and_categories(items, 0), 0)


def _part(day: Day, decisions: Sequence[Decision]) -> Day:
    """The day as these decisions need it: their items only."""
    needed = np.isin(day.items, [decision.item for decision in decisions])
    return Day(day.number, day.items[needed], day.counts[needed])


def _counted_since(items: Sequence[tuple[int, np.ndarray]], uncounted: Sequence[np.ndarray]) -> dict[int, int]:
    """Of the items with an event that came too late for the daily counts, the time from which on none needs its day."""
    pairs = zip(items, uncounted, strict=True)
    late = [(numbers[days != NEVER], days[days != NEVER]) for (_, numbers), days in pairs]
    return {
        item: (day + 1 + TALLIED_DAYS) * DAY_US
        for numbers, days in late
        for item, day in zip(numbers.tolist(), days.tolist(), strict=True)
    }
