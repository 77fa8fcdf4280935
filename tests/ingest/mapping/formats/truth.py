"""One truth of 20,000 events, which every built-in format writes in its own way and has to give back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from random import Random
from typing import NamedTuple

EVENTS, USERS, ITEMS, CATEGORIES = 20_000, 900, 400, 12
VIEW, ADD, REMOVE, BUY = KINDS = ("view", "add_to_cart", "remove_from_cart", "purchase")
START = 1_704_103_200_000_000  # 2024-01-01 10:00 UTC, in microseconds


class Event(NamedTuple):
    """What happened: the time in microseconds since 1970, the price in cents."""

    user: str
    item: str
    category: str
    kind: str
    time: int
    price: int

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.time // 1_000_000, UTC).replace(microsecond=self.time % 1_000_000)

    def iso(self, timespec: str = "milliseconds") -> str:
        """Its time as 2024-01-01T10:00:00.123Z."""
        return self.moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def awkward(number: int) -> str:
    """An id that a careless reader changes."""
    forms = "{:06}", "Größe-{}", 'a, "{}"', "x;{}", "靴{}", "it's {}", "1e{}", "a=b^{}&c", "back\\{}", "50%/{}"
    return forms[number % len(forms)].format(number)


def digits(number: int) -> str:
    """An id of digits, with leading zeros."""
    return f"{number:06}"


def whole(number: int) -> str:
    """An id that is a number."""
    return str(100_000 + number)


def truth(user=awkward, item=awkward, category=awkward) -> list[Event]:
    """The same 20,000 events, in the order of time, named as a format allows. An order is 1 to 3 of them at once."""
    return list(_events(user, item, category))[:EVENTS]


def _events(user, item, category) -> Iterator[Event]:
    random, time = Random(13), START
    prices = [random.randint(100, 99_999) for _ in range(ITEMS)]
    for _ in range(EVENTS):
        time += random.randint(30_000_000, 200_000_000)
        who = user(1 + int(USERS * random.random() ** 2))
        kind = random.choices(KINDS, (14, 3, 1, 2))[0]
        for n in random.sample(range(ITEMS), random.randint(1, 3) if kind == BUY else 1):
            yield Event(who, item(1 + n), category(1 + n % CATEGORIES), kind, time, prices[n])


def at_once(events: list[Event]) -> Iterator[list[Event]]:
    """The events of one moment: an order with all its items, or a single event."""
    for _, group in groupby(events, key=lambda event: event.time):
        yield list(group)


class Carries(NamedTuple):
    """What a format can say of the truth: the kinds, its clock's step in microseconds, and where there is a price."""

    kinds: tuple[str, ...] = KINDS
    step: int | Callable[[str], int] = 1_000
    priced: tuple[str, ...] = KINDS
    categorised: tuple[str, ...] = KINDS
    cents: int = 1

    def of(self, events: list[Event]) -> list[Event]:
        return [event for event in events if event.kind in self.kinds]

    def rows(self, events: list[Event]) -> Counter[tuple]:
        return Counter((e.user, e.item, e.kind, self._time(e), self._price(e)) for e in self.of(events))

    def categories(self, events: list[Event]) -> dict[str, str | None]:
        """What an item's first event says of it, or null."""
        first = {e.item: e for e in reversed(self.of(events))}
        return {item: e.category if e.kind in self.categorised else None for item, e in first.items()}

    def _time(self, event: Event) -> int:
        step = self.step if isinstance(self.step, int) else self.step(event.kind)
        return event.time // step * step

    def _price(self, event: Event) -> int | None:
        return event.price // self.cents * self.cents if event.kind in self.priced else None


def found(bench) -> Counter[tuple]:
    """The rows of events.parquet, as `Carries.rows` has them."""
    rows = bench.values("events", "user_id", "item_id", "event_type", "timestamp", "price")
    return Counter((*ids, _micros(time), None if price is None else round(100 * price)) for *ids, time, price in rows)


def _micros(time: datetime) -> int:
    return int(time.timestamp()) * 1_000_000 + time.microsecond
