"""The query that judges the records of a file: each gets its values, or the one reason why it cannot be used."""

from willbuy.database import literal
from willbuy.ingest.judging.faults import first_fault
from willbuy.ingest.judging.values import text, value
from willbuy.ingest.mapping.layout import ItemColumns, ItemLayout, Layout, LogColumns, LogLayout
from willbuy.ingest.reading.relation import Relation

COLUMNS = tuple(LogColumns.model_fields | ItemColumns.model_fields)


def judged(relation: Relation, layout: Layout) -> str:
    """The query that turns the relation of a log file or an item file into judged rows.

    Columns: line, ignored (the event type that is left out on purpose; of an item file, `where`), reason (why the row
    is quarantined), text (what shows that), and COLUMNS, null where this file has none. A row without `ignored` and
    `reason` can be used.
    """
    texts = ", ".join(f"{text(relation, layout, ours)} AS raw_{ours}" for ours in COLUMNS)
    values = ", ".join(f"{value(relation, layout, ours)} AS {ours}" for ours in COLUMNS)
    return f"""
WITH raw AS (SELECT *, {texts} FROM ({relation.select})),
parsed AS (SELECT *, {values} FROM raw),
sorted AS (SELECT *, {_ignored(relation, layout)} AS ignored FROM parsed),
judged AS (SELECT *, {first_fault(layout)} AS fault FROM sorted)
SELECT line, ignored, fault.reason AS reason, fault.text AS text, {", ".join(COLUMNS)} FROM judged"""


def _ignored(relation: Relation, layout: Layout) -> str:
    if isinstance(layout, ItemLayout):
        tests = [f"coalesce({relation.columns[name]} = {literal(v)}, false)" for name, v in layout.where.items()]
        return f"CASE WHEN problem IS NULL AND NOT ({' AND '.join(tests) or 'true'}) THEN 'where' END"
    names = [literal(name) for name in layout.ignore] if isinstance(layout, LogLayout) else []
    tests = [f"raw_event_type = {name} OR raw_event_type GLOB {name}" for name in names]
    return f"CASE WHEN event_type IS NULL AND ({' OR '.join(tests) or 'false'}) THEN raw_event_type END"
