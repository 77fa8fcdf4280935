"""Features from the store: the definitions and the kernel that made the training table, on what has happened so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from app.online.catalogue import Catalogue
from app.online.store import Snapshot, Store, history
from willbuy.clock import DAY_US
from willbuy.features import kernel
from willbuy.features.definitions import FEATURES
from willbuy.features.online import POINT, Day, Shopper, compute


class Ask(NamedTuple):
    """A decision point: who, on which item (its number), when (microseconds since 1970), and the event itself.

    `price` is None where it is not known and was not told: then it is the item's at that time.
    """

    user_id: str
    item: int
    time: int
    price: float | None
    is_cart: bool


class ForgottenError(Exception):
    """Asks about moments that reach back to before what is kept: their places, and the first that do not."""

    def __init__(self, asks: list[int], since: list[int]):
        super().__init__("events needed for this moment are no longer kept")
        self.asks, self.since = asks, since


class Online:
    """Computes the features of decision points from a store. Safe to use from several threads."""

    def __init__(self, store: Store):
        self.store, self.catalogue = store, Catalogue()
        _warm()

    def features(self, asks: Sequence[Ask], gap_us: int) -> np.ndarray:
        """Every feature of FEATURES for every ask: float64 (features, asks), null is NaN, a category its code.

        `gap_us` is the longest gap inside a session. Raises StoreError and ForgottenError.
        """
        users = list(dict.fromkeys(ask.user_id for ask in asks))
        days = [(day, places) for day, places in _grouped(range(len(asks)), lambda n: asks[n].time // DAY_US)]
        items = [(day, np.unique([asks[n].item for n in places])) for day, places in days]
        found = self.store.read(users, items)
        self.catalogue.follow(self.store, found.items)
        histories = dict(zip(users, map(history.unpack, found.histories), strict=True))
        _refuse_forgotten(asks, histories)
        out = np.empty((len(FEATURES), len(asks)))
        for (_, places), day in zip(days, _days(items, found), strict=True):
            # Items may change within a day.
            for _, same in _grouped(places, lambda n: self.catalogue.epoch(asks[n].time)):
                out[:, same] = self._compute([asks[n] for n in same], day, histories, gap_us)
        return out

    def _compute(self, asks: list[Ask], day: Day, histories: dict[str, history.History], gap_us: int) -> np.ndarray:
        """The features of asks on one day, through which no item changed."""
        users = _grouped(range(len(asks)), lambda n: asks[n].user_id)
        shoppers = [
            Shopper(histories[user].records, histories[user].ever, self._points([asks[n] for n in places]))
            for user, places in users
        ]
        time = asks[0].time
        out = np.empty((len(FEATURES), len(asks)))
        order = [n for _, places in users for n in places]
        out[:, order] = compute(shoppers, day, lambda items: self.catalogue.look_up(items, time), gap_us)
        return out

    def _points(self, asks: list[Ask]) -> np.ndarray:
        points = np.empty(len(asks), POINT)
        points["time"], points["item"] = [ask.time for ask in asks], [ask.item for ask in asks]
        points["is_cart"], points["price"] = [ask.is_cart for ask in asks], [self._price(ask) for ask in asks]
        return points

    def _price(self, ask: Ask) -> float:
        return self.catalogue.price(ask.item, ask.time) if ask.price is None else ask.price


def _grouped(places: Iterable[int], key) -> list[tuple]:
    """The places by their key."""
    places = list(places)
    if len(places) == 1:
        return [(key(places[0]), places)]
    return [(k, list(group)) for k, group in groupby(sorted(places, key=key), key)]


def _days(items: list[tuple[int, np.ndarray]], found: Snapshot) -> Iterator[Day]:
    for (day, numbers), counts in zip(items, found.tallies, strict=True):
        yield Day(day, numbers, counts)


def _refuse_forgotten(asks: Sequence[Ask], histories: dict[str, history.History]) -> None:
    known = [histories[ask.user_id].since + kernel.LOOKBACK_US for ask in asks]
    late = [n for n, ask in enumerate(asks) if ask.time < known[n]]
    if late:
        raise ForgottenError(late, [known[n] for n in late])


def _warm() -> None:
    """Have the kernel compiled before the first request."""
    nobody, points = history.unpack(b""), np.zeros(1, POINT)
    day = Day(0, points["item"], np.zeros((1, 30, 3), np.int64))
    look_up = Catalogue().look_up
    compute([Shopper(nobody.records, nobody.ever, points)], day, lambda items: look_up(items, 0), 0)
