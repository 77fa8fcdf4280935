"""POST /events: what happened in the shop, kept before it is acknowledged."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from app.access.keys import EVENTS
from app.http import lines
from app.http.bodies import Reader
from app.http.endpoint import endpoint
from app.http.errors import MOST_TOLD, ApiError, Problem
from app.http.fields import MOST_ROWS, Amount, Batch, Context, Count, EventType, Id, ItemId, Time, UserId
from app.http.requests import Request
from app.http.times import time_of
from app.http.words import OBJECT, says
from app.online.records import by_user
from app.server import Server

TOLD = says(f"what is wrong with refused lines, the first {MOST_TOLD}; `row` counts lines from 0")


class Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event. Without an `event_id` it is known by all that it says but its context."""

    user_id: UserId
    item_id: ItemId
    event_type: EventType
    timestamp: Time
    price: Annotated[Amount | None, says("what the item cost then")] = None
    duration_seconds: Annotated[Amount | None, says("how long the visitor stayed on it")] = None
    context: Annotated[Context | UnsetType, says("under what circumstances; a decision point tells its own")] = UNSET
    event_id: Annotated[Id | None, says("tells an event from others of the same content")] = None


class Events(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /events."""

    events: Batch[Event]


class Taken(msgspec.Struct):
    """How many events became what; of lines also how many were refused, and the first problems of these."""

    accepted: Count
    duplicates: Count
    too_old: Annotated[Count, says("from before what the store keeps of that user; they change no count")]
    refused: Annotated[Count | UnsetType, says("lines that are no events; the others are taken")] = UNSET
    problems: Annotated[list[Problem] | UnsetType, TOLD] = UNSET


READER, LINE = Reader(Events), Reader(Event)


@endpoint("POST", "/events", EVENTS, errors=[503], body_of=lambda _: Events, lines=Event)
def events(app: Server, request: Request) -> Taken:
    """Take events, each once. When this answers, they are on the disk.

    All events of a body of JSON, or none. Of a body of lines (`application/x-ndjson`), which may be of any size, each
    line that is an event; the others are counted in `refused`. To send it all again does no harm.
    """
    if lines.are_in(request):
        return _take_lines(app, request)
    body = READER.body(request.json_body())
    request.rows = len(body.events)
    accepted, duplicates, too_old = _add(app, body.events).tolist()
    return Taken(accepted, duplicates, too_old)


def _add(app: Server, some: Sequence[Event]) -> np.ndarray:
    outcome = app.online.add(by_user(some), app.champion.gap_us)
    app.metrics.count_events(outcome)
    return outcome


def _take_lines(app: Server, request: Request) -> Taken:
    problems, taken = Problems(), np.zeros(3, np.int64)
    good = _events(lines.of(request), problems)
    while some := list(islice(good, MOST_ROWS)):
        taken += _add(app, some)
    request.rows = int(taken.sum()) + problems.lines
    accepted, duplicates, too_old = taken.tolist()
    return Taken(accepted, duplicates, too_old, problems.lines, problems.told)


class Problems:
    """How many lines were refused, and the first MOST_TOLD things that are wrong with them."""

    def __init__(self):
        self.lines = 0
        self.told: list[Problem] = []

    def add(self, found: Sequence[Problem]) -> None:
        """What is wrong with a line."""
        self.lines += 1
        self.told += found[: MOST_TOLD - len(self.told)]


def _events(given: Iterable[bytes], problems: Problems) -> Iterator[Event]:
    """The events of the lines; what is wrong with the others goes to `problems`."""
    for number, line in enumerate(given):
        if len(line) > lines.LONGEST:
            problems.add([Problem(number, None, "is too long", f"a line of at most {lines.LONGEST} bytes")])
        elif line.strip():
            try:
                event = LINE.body(line)
                time_of(event.timestamp, "timestamp")
                yield event
            except ApiError as error:
                problems.add(_of_line(number, error))


def _of_line(number: int, error: ApiError) -> list[Problem]:
    found = error.details or [Problem(None, None, error.description or "", OBJECT)]
    return [msgspec.structs.replace(problem, row=number) for problem in found]
