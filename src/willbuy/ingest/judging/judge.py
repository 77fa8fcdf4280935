"""The query that judges the records of a file: each gets its values, or the one reason why it cannot be used."""

from collections.abc import Iterable

from willbuy.database import literal
from willbuy.ingest.judging.faults import first_fault
from willbuy.ingest.judging.remarks import all_remarks, usable
from willbuy.ingest.judging.values import text, value
from willbuy.ingest.judging.wall_clock import written
from willbuy.ingest.mapping.layout import ItemColumns, Layout, LogColumns, LogLayout
from willbuy.ingest.reading.relation import Relation

ELSEWHERE, OUTSIDE = "(not in where)", "(outside of between)"
COLUMNS = tuple(LogColumns.model_fields | ItemColumns.model_fields)


def judged(relation: Relation, layout: Layout, contexts: Iterable[str] = ()) -> str:
    """The query that turns the relation of a log file or an item file into judged rows.

    Columns: file (its number), line, ignored (the event type or the rule by which a row is left out on purpose), reason
    (why the row is quarantined), text (what shows that), remarks (a list of reason and text: what is odd about a row
    that is used), and COLUMNS and `contexts`, null where this file has none. A row without `ignored` and `reason` can
    be used.
    """
    columns = (*COLUMNS, *contexts)
    texts = ", ".join(f"{text(relation, layout, ours)} AS raw_{ours}" for ours in columns)
    values = ", ".join(f"{value(relation, layout, ours)} AS {ours}" for ours in columns)
    return f"""
WITH raw AS (SELECT *, {texts} FROM ({relation.select})),
parsed AS (SELECT *, {values}, {written(relation, layout)} AS written FROM raw),
sorted AS (SELECT *, {_ignored(relation, layout)} AS ignored FROM parsed),
judged AS (SELECT *, {first_fault(layout)} AS fault FROM sorted)
SELECT {relation.file or relation.number} AS file, line, ignored, fault.reason AS reason,
    {_shown(relation)} AS text, {all_remarks(layout)} AS remarks,
    {", ".join(f"{usable(ours)} AS {ours}" for ours in columns)} FROM judged"""


def _shown(relation: Relation) -> str:
    """SQL for what shows a fault: the value that is wrong, or, where the line is not known, the whole row."""
    by_row = f"WHEN fault IS NOT NULL AND line IS NULL THEN coalesce({relation.row_text}, fault.text)"
    return f"CASE {by_row} ELSE fault.text END" if relation.row_text else "fault.text"


def _ignored(relation: Relation, layout: Layout) -> str:
    where = f"WHEN problem IS NULL AND NOT ({_wanted(relation, layout)}) THEN '{ELSEWHERE}'" if layout.where else ""
    if not isinstance(layout, LogLayout):
        return f"CASE {where} END" if where else "NULL::VARCHAR"
    names = [literal(name) for name in layout.ignore]
    tests = [f"raw_event_type = {name} OR raw_event_type GLOB {name}" for name in names]
    by_type = f"WHEN event_type IS NULL AND ({' OR '.join(tests) or 'false'}) THEN raw_event_type"
    return f"CASE {where} {by_type} {_outside(layout)} END"


def _wanted(relation: Relation, layout: Layout) -> str:
    tests = (
        f"coalesce({relation.columns[name]}::VARCHAR IN ({', '.join(map(literal, values))}), false)"
        for name, values in layout.where.items()
    )
    return " AND ".join(tests)


def _outside(layout: LogLayout) -> str:
    if not layout.between:
        return ""
    first, end = (f"TIMESTAMPTZ {literal(time)}" for time in layout.between)
    return f"WHEN timestamp < {first} OR timestamp >= {end} THEN '{OUTSIDE}'"
