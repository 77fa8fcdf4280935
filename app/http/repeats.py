"""Names that an object of a body holds twice: which of its two values was meant cannot be known."""

import json
from collections import Counter
from collections.abc import Collection, Iterator

from app.http.errors import Problem


class Pairs(list):
    """A JSON object, with all that it holds."""


def problems(body: bytes, lists: Collection[str]) -> Iterator[Problem]:
    """Each name that an object of the JSON object `body` holds twice; what the names `lists` hold are rows."""
    given = json.loads(body, object_pairs_hook=Pairs, parse_int=str)
    yield from _problems(given, None)
    for name, value in given:
        rows = enumerate(value) if name in lists else [(None, value)]
        for row, each in rows:
            for one in _objects(each):
                yield from _problems(one, row)


def _problems(pairs: Pairs, row: int | None) -> Iterator[Problem]:
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1:
            yield Problem(row, name[:200], f"is given {times} times", "each name once")


def _objects(value: object) -> Iterator[Pairs]:
    """The value, if it is an object, and all objects in it."""
    if isinstance(value, Pairs):
        yield value
    inside = [each for _, each in value] if isinstance(value, Pairs) else value if isinstance(value, list) else []
    for each in inside:
        yield from _objects(each)
