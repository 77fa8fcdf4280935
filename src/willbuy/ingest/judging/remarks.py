"""What is odd about a row that is used all the same: a value that cannot be read is null, and counted."""

from collections.abc import Iterator

from willbuy.ingest.judging.faults import Fault, shown
from willbuy.ingest.judging.wall_clock import clock_changes
from willbuy.ingest.mapping.layout import Layout

NUMBERS = {"price": "price", "base_price": "price", "duration_seconds": "duration", "quantity": "quantity"}


def remarks(layout: Layout) -> Iterator[Fault]:
    """What can be odd about a row of a file with this layout."""
    for column, word in NUMBERS.items():
        if column in layout.columns.named():
            unread = f"raw_{column} IS NOT NULL AND ({column} IS NULL OR NOT isfinite({column}))"
            yield Fault(unread, f"unparseable {word}", column)
            yield Fault(f"{column} < 0 AND isfinite({column})", f"negative {word}", column)
    yield from clock_changes(layout)


def usable(column: str) -> str:
    """SQL for the value of our column as the tables hold it: null where it cannot be used."""
    return f"CASE WHEN isfinite({column}) AND {column} >= 0 THEN {column} END" if column in NUMBERS else column


def all_remarks(layout: Layout) -> str:
    """SQL for the list of {reason, text} of a row that is used; null where there is nothing to remark."""
    found = [*remarks(layout)]
    if not found:
        return "NULL::STRUCT(reason VARCHAR, text VARCHAR)[]"
    each = ", ".join(f"CASE WHEN {remark.condition} THEN {shown(remark)} END" for remark in found)
    some = " OR ".join(f"({remark.condition})" for remark in found)
    return f"""CASE WHEN ignored IS NULL AND fault IS NULL AND ({some})
        THEN list_filter([{each}], lambda remark: remark IS NOT NULL) END"""
