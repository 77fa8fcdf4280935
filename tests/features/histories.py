"""Generated histories for the laws of features, and the short way from a history to its features."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from limits import limited

from willbuy.features.tables import featurize
from willbuy.files import write_table
from willbuy.schema import DECISION_TYPES, DECISIONS, EVENT_TYPES, EVENTS, ITEMS
from willbuy.sessions import sessionize

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
GAP = 30 * MINUTE
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STARTS = (1_704_067_200_000_000, 1_709_164_800_000_000 - 1, -3 * DAY)  # a new year, a leap day's eve, before 1970
EDGES = (5 * MINUTE, GAP, HOUR, DAY, 7 * DAY, 30 * DAY)  # where a session ends and each window does
STEPS = st.one_of(
    st.sampled_from([0, 1, MINUTE, *(edge + off for edge in EDGES for off in (-1, 0, 1)), 200 * DAY]),
    st.integers(0, 3 * HOUR),
)
PRICES = st.one_of(st.none(), st.sampled_from([0.0, 0.005, 0.015, 9.99, 10.0, 12.5]), st.floats(0, 5000))
DURATIONS = st.one_of(st.none(), st.sampled_from([0.0, 0.0005, 0.0015, 1.5]), st.floats(0, 5000))
ITEM_IDS = ("i1", "i2", "i10", "unlisted")
CATALOGUES = st.fixed_dictionaries(
    {
        item: st.fixed_dictionaries({"category": st.sampled_from(["Books", "Sports", None]), "base_price": PRICES})
        for item in ITEM_IDS[:-1]
    }
)


EVENTS_OF = ("user_id", "item_id", "event_type", "price", "duration_seconds")


def events(users: tuple[str, ...]) -> st.SearchStrategy[dict]:
    """Events without a timestamp."""
    values = (st.sampled_from(users), st.sampled_from(ITEM_IDS), st.sampled_from(EVENT_TYPES), PRICES, DURATIONS)
    return st.tuples(*values).map(lambda drawn: dict(zip(EVENTS_OF, drawn, strict=True)))


def histories(most: int = 16, users: tuple[str, ...] = ("u1", "u2", "u10")) -> st.SearchStrategy[list[dict]]:
    """Events in any order, with ties, duplicates, silences of every length, and nulls wherever a log may have them."""
    drawn = st.lists(st.tuples(STEPS, events(users), st.sampled_from([1, 1, 1, 2])), min_size=1, max_size=most)
    return st.builds(_history, st.sampled_from(STARTS), drawn, st.integers(0, 99).map(Random))


def _history(moment: int, drawn: list[tuple], order: Random) -> list[dict]:
    log = []
    for step, event, copies in drawn:
        moment += step
        log += [{**event, "timestamp": moment} for _ in range(copies)]
    order.shuffle(log)
    return log


def write_log(log: list[dict], items: dict, folder, gap_minutes: float = GAP / MINUTE) -> None:
    """Write events, items, sessions and examples of a history into `folder`: every decision point is an example."""
    rows = [{**event, "timestamp": EPOCH + timedelta(microseconds=event["timestamp"])} for event in log]
    write_table(pa.Table.from_pylist(rows, EVENTS.arrow), folder / "events.parquet")
    catalogue = [{"item_id": item_id, **item} for item_id, item in items.items()]
    write_table(pa.Table.from_pylist(catalogue, ITEMS.arrow), folder / "items.parquet")
    sessionize(folder / "events.parquet", folder / "sessions.parquet", gap_minutes)
    write_table(examples_of(folder / "sessions.parquet"), folder / "examples.parquet")


def examples_of(sessions_path) -> pa.Table:
    rows = pq.read_table(sessions_path).to_pylist()
    examples = [
        {**row, "example_id": f"e{n}", "label": 0} for n, row in enumerate(rows) if row["event_type"] in DECISION_TYPES
    ]
    return pa.Table.from_pylist(examples, DECISIONS.arrow)


def features_of(folder, gap_minutes: float = GAP / MINUTE, **limits) -> pa.Table:
    """The features of the tables in `folder`, computed within these limits of the machine."""
    names = ("sessions", "items", "examples", "features")
    sessions, items, examples, features = (folder / f"{name}.parquet" for name in names)
    with limited(**{"threads": 1, **limits}):
        featurize(sessions, items, {examples: features}, session_gap_minutes=gap_minutes)
    return pq.read_table(features)


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
