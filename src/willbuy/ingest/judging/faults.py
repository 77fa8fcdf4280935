"""Why a row cannot be used: the faults of each column, in the order in which they are judged."""

from collections.abc import Iterator
from typing import NamedTuple

from willbuy.database import literal
from willbuy.ingest.mapping.layout import Layout, LogLayout
from willbuy.ingest.reading.records import SHOWN

# Our columns in the order of judgement, and what the reasons call them.
WORDS = {
    "event_type": "event type",
    "user_id": "user id",
    "item_id": "item id",
    "timestamp": "time",
    "price": "price",
    "base_price": "price",
    "duration_seconds": "duration",
}
NUMBERS = ("price", "base_price", "duration_seconds")
UNKNOWN_TYPE = "unknown event type"
# A time outside of these shows a wrong unit: seconds read as milliseconds fall into January 1970.
EARLIEST, LATEST = (f"TIMESTAMPTZ '{year}-01-01 00:00:00+00'" for year in (1990, 2100))


class Fault(NamedTuple):
    """SQL that says whether a row has the fault, the reason that the quarantine gives, and the column that shows it."""

    condition: str
    reason: str
    column: str


def faults(layout: Layout) -> Iterator[Fault]:
    """What can be wrong with a row of a file with this layout; the first fault of a row counts."""
    for column, word in WORDS.items():
        if column in layout.columns.named():
            for condition, reason in _of_column(layout, column, word):
                yield Fault(condition, reason, column)


def _of_column(layout: Layout, column: str, word: str) -> Iterator[tuple[str, str]]:
    if column == "event_type" or type(layout.columns).model_fields[column].is_required():
        yield f"raw_{column} IS NULL", f"missing {word}"
    unread = f"raw_{column} IS NOT NULL AND {column} IS NULL"
    if column == "event_type":
        yield unread, UNKNOWN_TYPE
    elif column == "timestamp":
        yield unread, f"unparseable {word}"
        yield f"timestamp NOT BETWEEN {EARLIEST} AND {LATEST}", f"implausible {word}"
        if isinstance(layout, LogLayout) and layout.between:
            first, end = (f"TIMESTAMPTZ {literal(time)}" for time in layout.between)
            yield f"timestamp < {first} OR timestamp >= {end}", f"outside the given {word}"
    elif column in NUMBERS:
        yield f"{unread} OR NOT isfinite({column})", f"unparseable {word}"
        yield f"{column} < 0", f"negative {word}"


def first_fault(layout: Layout) -> str:
    """SQL for {reason, text} of a row's first fault; null for a row that is whole or left out on purpose.

    `text` shows the fault: the beginning of a broken record, or of the value that is wrong.
    """
    cases = " ".join(
        f"WHEN {condition} THEN {{reason: {literal(reason)}, text: left(raw_{column}::VARCHAR, {SHOWN})}}"
        for condition, reason, column in faults(layout)
    )
    return f"""CASE WHEN problem IS NOT NULL THEN {{reason: problem, text: text}}
        WHEN ignored IS NULL THEN CASE {cases} END END"""
