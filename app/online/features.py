"""Features from the store: the definitions and the kernel that made the training table, on what has happened so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from time import time_ns
from typing import NamedTuple

import numpy as np

from app.online.catalogue import Catalogue
from app.online.store import Snapshot, Store, history
from app.online.store.history import Retention
from willbuy.clock import DAY_US
from willbuy.features.definitions import FEATURES
from willbuy.features.feature import LOOKBACK_US, TALLIED_DAYS
from willbuy.features.kernel import TALLIED
from willbuy.features.online import DECISION, Day, Shopper, compute


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
        super().__init__("events needed for this decision point are no longer kept")
        self.places, self.since = places, since


class Online:
    """Keeps events and items in a store, and computes the features of decision points from it.

    Decision points are answered from `lookback_days` before the user's newest event on. Safe to use from several
    threads.
    """

    def __init__(self, store: Store, lookback_days: int):
        self.store, self.catalogue = store, Catalogue()
        self._kept_us = LOOKBACK_US + lookback_days * DAY_US
        _warm()

    def now(self) -> int:
        """Microseconds since 1970 by the server's clock: the time of what names none."""
        return time_ns() // 1000

    def add(self, events: Mapping[str, np.ndarray], gap_us: int | None) -> np.ndarray:
        """`Store.add`, where a session of the model that serves has gaps of at most `gap_us`; None without a model."""
        return self.store.add(events, Retention(self.now(), self._kept_us, gap_us))

    def features(self, decisions: Sequence[Decision], gap_us: int) -> np.ndarray:
        """Every feature of FEATURES: float64 (features, decisions). Null is NaN; a category is its code.

        `gap_us` is the longest gap inside a session. Raises StoreError and ForgottenError.
        """
        users = list(dict.fromkeys(decision.user_id for decision in decisions))
        days = [(day, places) for day, places in _grouped(range(len(decisions)), lambda n: decisions[n].time // DAY_US)]
        items = [(day, np.unique([decisions[n].item for n in places])) for day, places in days]
        found = self.store.read(users, items)
        self.catalogue.follow(self.store, found.items)
        histories = dict(zip(users, map(history.unpack, found.histories), strict=True))
        _refuse_forgotten(decisions, histories, gap_us)
        out = np.empty((len(FEATURES), len(decisions)))
        for (_, places), day in zip(days, _days(items, found), strict=True):
            # Items may change within a day.
            for _, same in _grouped(places, lambda n: self.catalogue.epoch(decisions[n].time)):
                out[:, same] = self._compute([decisions[n] for n in same], day, histories, gap_us)
        return out

    def _compute(
        self, decisions: list[Decision], day: Day, histories: dict[str, history.History], gap_us: int
    ) -> np.ndarray:
        """The features of decisions on one day, through which no item changed."""
        users = _grouped(range(len(decisions)), lambda n: decisions[n].user_id)
        shoppers = [
            Shopper(histories[user].records, histories[user].ever, self._records([decisions[n] for n in places]))
            for user, places in users
        ]
        time = decisions[0].time
        out = np.empty((len(FEATURES), len(decisions)))
        order = [n for _, places in users for n in places]
        out[:, order] = compute(shoppers, day, lambda items: self.catalogue.look_up(items, time), gap_us)
        return out

    def _records(self, decisions: list[Decision]) -> np.ndarray:
        records = np.empty(len(decisions), DECISION)
        records["time"], records["item"] = [d.time for d in decisions], [d.item for d in decisions]
        records["is_cart"], records["price"] = [d.is_cart for d in decisions], [self._price(d) for d in decisions]
        return records

    def _price(self, decision: Decision) -> float:
        return self.catalogue.price(decision.item, decision.time) if decision.price is None else decision.price


def _grouped(places: Iterable[int], key) -> list[tuple]:
    """The places by their key."""
    places = list(places)
    if len(places) == 1:
        return [(key(places[0]), places)]
    return [(k, list(group)) for k, group in groupby(sorted(places, key=key), key)]


def _days(items: list[tuple[int, np.ndarray]], found: Snapshot) -> Iterator[Day]:
    for (day, numbers), counts in zip(items, found.tallies, strict=True):
        yield Day(day, numbers, counts)


def _refuse_forgotten(decisions: Sequence[Decision], histories: dict[str, history.History], gap_us: int) -> None:
    since = {user: mine.answered_from(gap_us) for user, mine in histories.items()}
    late = [n for n, decision in enumerate(decisions) if decision.time < since[decision.user_id]]
    if late:
        raise ForgottenError(late, [since[decisions[n].user_id] for n in late])


def _warm() -> None:
    """Have the kernel compiled before the first request."""
    nobody, decisions = history.unpack(b""), np.zeros(1, DECISION)
    day = Day(0, decisions["item"], np.zeros((1, TALLIED_DAYS, len(TALLIED)), np.int64))
    look_up = Catalogue().look_up
    compute([Shopper(nobody.records, nobody.ever, decisions)], day, lambda items: look_up(items, 0), 0)
