"""Our columns as SQL over a file's relation: first the text that the file holds, then the value that it means."""

from willbuy.database import literal
from willbuy.ingest.judging.faults import EARLIEST, LATEST
from willbuy.ingest.judging.numbers import number
from willbuy.ingest.judging.remarks import NUMBERS
from willbuy.ingest.mapping.layout import ISO, UNIX, Layout, LogLayout
from willbuy.ingest.reading.relation import Relation


def text(relation: Relation, layout: Layout, ours: str) -> str:
    """SQL for the text of our column: trimmed, the first known alternative, null where missing or not mapped.

    Times of a file that has times stay times in `timestamp`.
    """
    known = [_known(relation, layout, ours, column) for column in _alternatives(relation, layout, ours)]
    return f"coalesce({', '.join(known)})" if known else "NULL::VARCHAR"


def _alternatives(relation: Relation, layout: Layout, ours: str) -> list[str]:
    return [relation.columns[name] for name in layout.named().get(ours, ())]


def _known(relation: Relation, layout: Layout, ours: str, column: str) -> str:
    if column in relation.times:
        return column if ours == "timestamp" else f"{column}::VARCHAR"
    missing = ", ".join(map(literal, layout.missing_texts(ours)))
    return f"CASE WHEN {column} NOT IN ({missing}) THEN {column} END"


def value(relation: Relation, layout: Layout, ours: str) -> str:
    """SQL for our column as the tables hold it, from `raw_<ours>`, its text; null if that cannot be read."""
    if ours == "event_type":
        return _event_type(layout)
    if ours == "timestamp":
        return _time(relation, layout)
    return number(f"raw_{ours}", _typed(relation, layout, ours), layout) if ours in NUMBERS else f"raw_{ours}"


def _event_type(layout: Layout) -> str:
    if not isinstance(layout, LogLayout):
        return "NULL::VARCHAR"
    if layout.event_type:
        return literal(layout.event_type)
    cases = " ".join(f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in layout.event_types.items())
    return f"CASE raw_event_type {cases} END"


def _time(relation: Relation, layout: Layout) -> str:
    """SQL for a TIMESTAMPTZ, infinite if the number of units is out of all bounds.

    Times without an offset are read in the connection's TimeZone.
    """
    columns = layout.columns.named().get("timestamp", ())
    if any(relation.columns[name] in relation.times for name in columns):
        return "raw_timestamp::TIMESTAMPTZ"
    if layout.timestamp in UNIX:
        return _unix(f"(try_cast(raw_timestamp AS DECIMAL(28, 6)) * {UNIX[layout.timestamp]})")
    if layout.timestamp != ISO:
        return f"try_strptime(raw_timestamp, {literal(layout.timestamp)})::TIMESTAMPTZ"
    # ISO 8601 allows a decimal comma, and logs put a space before the offset; the cast knows neither.
    tidied = r"regexp_replace(replace(raw_timestamp, ',', '.'), ' +([+-]\d\d)', '\1')"
    return f"coalesce(try_cast(raw_timestamp AS TIMESTAMPTZ), try_cast({tidied} AS TIMESTAMPTZ))"


def _unix(microseconds: str) -> str:
    return f"""CASE WHEN {microseconds} BETWEEN epoch_us({EARLIEST}) AND epoch_us({LATEST})
        THEN make_timestamptz({microseconds}::BIGINT) WHEN {microseconds} IS NOT NULL THEN TIMESTAMPTZ 'infinity' END"""


def _typed(relation: Relation, layout: Layout, ours: str) -> str:
    """SQL: is the text of our column that of a number, not a text that spells one?"""
    cases = [
        f"WHEN {_known(relation, layout, ours, column)} IS NOT NULL THEN {relation.typed.get(column, 'false')}"
        for column in _alternatives(relation, layout, ours)
    ]
    return f"CASE {' '.join(cases)} ELSE false END" if cases else "false"
