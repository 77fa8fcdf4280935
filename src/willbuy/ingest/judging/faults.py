"""Why a row cannot be used: the faults of the columns that every event needs, in the order in which they are judged."""

from collections.abc import Iterator
from typing import NamedTuple

from willbuy.database import literal
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.records import SHOWN

# Our columns in the order of judgement, and what the reasons call them.
WORDS = {"event_type": "event type", "user_id": "user id", "item_id": "item id", "timestamp": "time"}
UNKNOWN_TYPE = "unknown event type"
# A time outside of these shows a wrong unit: seconds read as milliseconds fall into January 1970.
EARLIEST, LATEST = (f"TIMESTAMPTZ '{year}-01-01 00:00:00+00'" for year in (1990, 2100))


class Fault(NamedTuple):
    """SQL that says whether a row has the fault, the reason that is given for it, and the column that shows it."""

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


def first_fault(layout: Layout) -> str:
    """SQL for {reason, text} of a row's first fault; null for a row that is whole or left out on purpose.

    `text` shows the fault: the beginning of a broken record, or of the value that is wrong.
    """
    cases = " ".join(f"WHEN {fault.condition} THEN {shown(fault)}" for fault in faults(layout))
    return f"""CASE WHEN problem IS NOT NULL THEN {{reason: problem, text: text}}
        WHEN ignored IS NULL THEN CASE {cases} END END"""


def shown(fault: Fault) -> str:
    """SQL for {reason, text} of a row with this fault."""
    return f"{{reason: {literal(fault.reason)}, text: left(raw_{fault.column}::VARCHAR, {SHOWN})}}"
