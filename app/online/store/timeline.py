"""One item's past and present as a store keeps it: for each field its values, with the times from which they hold."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from app.online.store.error import StoreError
from app.online.store.retention import Retention
from willbuy.features.kernel import NEVER

REPEATS = 8  # of the times at which a value was only said again, so many are kept
Value = str | float | None
Values = list[tuple[int, Value]]
_time, _value = itemgetter(0), itemgetter(1)


class Entry(msgspec.Struct):
    """What is said of an item: it is so from `since` (microseconds since 1970) on. UNSET says nothing of a field."""

    item_id: str
    since: int
    category: str | None | UnsetType = UNSET
    base_price: float | None | UnsetType = UNSET
    price: float | None | UnsetType = UNSET


class State(NamedTuple):
    """An item at one time."""

    category: str | None
    base_price: float | None
    price: float | None


class Timeline(msgspec.Struct, array_like=True):
    """For each field of State its values in order of time. The first one also stands for the time before it.

    Before `since` the item may have been another: values that held then have been dropped.
    """

    values: list[Values]
    since: int

    def at(self, time: int) -> State:
        """The item at `time`, null where nothing was ever said."""
        return State._make(values[_latest(values, time)][1] if values else None for values in self.values)

    @property
    def changes(self) -> list[int]:
        """The times at which the item became another, in order."""
        return sorted({time for values in self.values for time in _changes(values)})


class Merged(NamedTuple):
    """The timelines that are not as before, and the items that now are, or were at some time, others than before."""

    contents: dict[int, bytes]
    changed: list[int]


_decode, _encode = msgspec.msgpack.Decoder(Timeline).decode, msgspec.msgpack.Encoder().encode


def next_revision(latest: int, retention: Retention) -> int:
    """The number of a change after the `latest`; never one that was given before, even if the store has lost that."""
    return max(latest + 1, retention.now)


def unpack(content: bytes) -> Timeline:
    """The timeline in `content`; if that is empty, of an item of which nothing was said."""
    try:
        return _decode(content) if content else Timeline([[] for _ in State._fields], NEVER)
    except msgspec.DecodeError as error:
        raise StoreError(f"what is kept of an item is damaged: {error}") from None


def merge_all(contents: Mapping[int, bytes], entries: Mapping[int, Sequence[Entry]], retention: Retention) -> Merged:
    """Put the entries of items, given by number, into their timelines.

    If two entries say something of one field from the same time on, the later one holds. Values from before what is
    kept are dropped, but for the one that held when that begins.
    """
    merged = Merged({}, [])
    for item, before in ((item, unpack(content)) for item, content in contents.items()):
        after = _merged(before, entries[item], retention)
        if after == before:
            continue
        merged.contents[item] = _encode(after)
        if after.since != before.since or list(map(_steps, after.values)) != list(map(_steps, before.values)):
            merged.changed.append(item)
    return merged


def _merged(before: Timeline, entries: Sequence[Entry], retention: Retention) -> Timeline:
    said = [_said(values, field, entries) for values, field in zip(before.values, State._fields, strict=True)]
    happened = [time for values in said for time, _ in values if time <= retention.now]
    oldest = max(happened, default=NEVER) - retention.kept_us
    dropped = [time for values in said for time in _changes(values[: _latest(values, oldest) + 1])]
    kept = [_thinned(values[_latest(values, oldest) :]) for values in said]
    return Timeline(kept, max([before.since, *dropped]))


def _said(values: Values, field: str, entries: Iterable[Entry]) -> Values:
    """The values with those of `entries`."""
    new = {entry.since: value for entry in entries if (value := getattr(entry, field)) is not UNSET}
    return sorted({**dict(values), **new}.items(), key=_time)


def _latest(values: Values, time: int) -> int:
    """The place of the value that holds at `time`."""
    return max(bisect_right(values, time, key=_time) - 1, 0)


def _steps(values: Values) -> Values:
    """The values without those that were only said again."""
    return values if len(values) < 2 else [next(same) for _, same in groupby(values, key=_value)]


def _changes(values: Values) -> list[int]:
    return [time for time, _ in _steps(values)[1:]]


def _thinned(values: Values) -> Values:
    """The values; of those only said again the latest, since another may still be said of a time before them."""
    runs = [list(same) for _, same in groupby(values, key=_value)]
    return [pair for first, *again in runs for pair in (first, *again[-REPEATS:])]
