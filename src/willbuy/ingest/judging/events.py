"""The query that turns a file's records into events: each gets its event, or the one reason why it has none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from willbuy.ingest.mapping.layout import Catalogue, Layout
from willbuy.ingest.reading.delimited import open_delimited
from willbuy.ingest.reading.json_lines import open_json_lines
from willbuy.ingest.reading.locate import JSON_LINES, PARQUET, kind
from willbuy.ingest.reading.parquet import open_parquet
from willbuy.ingest.reading.records import SHOWN
from willbuy.ingest.reading.relation import Relation, literal

OPENERS = {JSON_LINES: open_json_lines, PARQUET: open_parquet}
UNKNOWN_TYPE = "unknown event type"
OUTSIDE = "outside the given time"
# A time out of these is a wrong unit (seconds read as milliseconds fall into January 1970), not an event.
EARLIEST, LATEST = "1990-01-01 00:00:00+00", "2100-01-01 00:00:00+00"
EVIDENCE = {"event type": "raw_type", "time": "raw_time", "price": "raw_price", "duration": "raw_duration"}
MICROSECONDS = {"unix_seconds": 1_000_000, "unix_milliseconds": 1_000, "unix_microseconds": 1}


def open_relation(connection, path: Path, layout: Layout | Catalogue) -> Relation:
    """Open the file at `path` for the columns that `layout` names.

    Raises IngestError for a file that is not what it should be, and for columns that it does not have.
    """
    wanted = [name for names in layout.columns.named().values() for name in names]
    wanted += list(getattr(layout, "where", {}))
    opener = OPENERS.get(kind(path, layout.file_type, layout.encoding), open_delimited)
    return opener(connection, path, layout, list(dict.fromkeys(wanted)))


def values(relation: Relation, layout: Layout | Catalogue) -> dict[str, str]:
    """Our columns as SQL over the relation: trimmed text, null where missing or not mapped.

    `timestamp` alone may be a time already, where the file has times (see `clock`).
    """
    named = layout.columns.named()
    return {
        ours: _first_known(relation, named.get(ours, ()), layout.missing_texts(ours), ours == "timestamp")
        for ours in type(layout.columns).model_fields
    }


def _first_known(relation: Relation, theirs: Iterable[str], missing: tuple[str, ...], as_time: bool) -> str:
    known = [_known(relation.columns[name], relation, missing, as_time) for name in theirs]
    return f"coalesce({', '.join(known)})" if known else "NULL::VARCHAR"


def _known(column: str, relation: Relation, missing: tuple[str, ...], as_time: bool) -> str:
    if column in relation.times:
        return column if as_time else f"{column}::VARCHAR"
    return f"CASE WHEN trim({column}) NOT IN ({', '.join(map(literal, missing))}) THEN trim({column}) END"


def parsed_time(relation: Relation, columns: Iterable[str], clock: str) -> str:
    """SQL for the time in `raw_time`: a TIMESTAMPTZ, null if it cannot be read, infinite if it is out of all bounds.

    Times without an offset are read in the connection's TimeZone.
    """
    if any(relation.columns[name] in relation.times for name in columns):
        return "raw_time::TIMESTAMPTZ"
    if clock in MICROSECONDS:
        return _unix(f"(try_cast(raw_time AS DECIMAL(28, 6)) * {MICROSECONDS[clock]})")
    if clock != "iso8601":
        return f"try_strptime(raw_time, {literal(clock)})::TIMESTAMPTZ"
    # ISO 8601 allows a decimal comma, and logs put a space before the offset; the cast knows neither.
    tidied = r"regexp_replace(replace(raw_time, ',', '.'), ' +([+-]\d\d)', '\1')"
    return f"coalesce(try_cast(raw_time AS TIMESTAMPTZ), try_cast({tidied} AS TIMESTAMPTZ))"


def _unix(microseconds: str) -> str:
    earliest, latest = (f"epoch_us(TIMESTAMPTZ '{t}')" for t in (EARLIEST, LATEST))
    return f"""CASE WHEN {microseconds} BETWEEN {earliest} AND {latest} THEN make_timestamptz({microseconds}::BIGINT)
        WHEN {microseconds} IS NOT NULL THEN TIMESTAMPTZ 'infinity' END"""


def number(column: str, decimal: str) -> str:
    """SQL for a number written as text, null if it cannot be read."""
    text = f"replace(replace({column}, '.', ''), ',', '.')" if decimal == "," else column
    return f"try_cast({text} AS DOUBLE)"


def classify(relation: Relation, layout: Layout) -> str:
    """The query that turns a relation into staged rows.

    Columns: line, ignored (the event type left out on purpose), reason (why the row is quarantined), text, and the
    event: user_id, item_id, event_type, timestamp, price, category, duration_seconds. A row has an event exactly
    where both `ignored` and `reason` are null.
    """
    v = values(relation, layout)
    return f"""
WITH raw AS (
    SELECT line, problem, text, {v["user_id"]} AS user_id, {v["item_id"]} AS item_id, {v["timestamp"]} AS raw_time,
        {v["event_type"]} AS raw_type, {v["price"]} AS raw_price, {v["category"]} AS category,
        {v["duration_seconds"]} AS raw_duration
    FROM ({relation.select})
),
parsed AS (
    SELECT *, {_event_type(layout)} AS event_type,
        {parsed_time(relation, layout.columns.timestamp, layout.timestamp)} AS timestamp,
        {number("raw_price", layout.decimal)} AS price, {number("raw_duration", layout.decimal)} AS duration_seconds
    FROM raw
),
judged AS (SELECT *, {_ignored(layout)} AS ignored, {case(_reasons(layout))} AS reason FROM parsed)
SELECT line, ignored, CASE WHEN ignored IS NULL THEN reason END AS reason, {evidence(**EVIDENCE)} AS text,
    user_id, item_id, event_type, timestamp, price + 0.0 AS price, category, duration_seconds + 0.0 AS duration_seconds
FROM judged"""


def _event_type(layout: Layout) -> str:
    if layout.event_type:
        return literal(layout.event_type)
    cases = " ".join(f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in layout.event_types.items())
    return f"CASE raw_type {cases} END"


def _ignored(layout: Layout) -> str:
    tests = [f"raw_type = {literal(name)} OR raw_type GLOB {literal(name)}" for name in layout.ignore]
    return f"CASE WHEN event_type IS NULL AND ({' OR '.join(tests)}) THEN raw_type END" if tests else "NULL::VARCHAR"


def _reasons(layout: Layout) -> Iterable[tuple[str, str]]:
    """(condition, reason), the first that holds counting."""
    if not layout.event_type:
        yield "raw_type IS NULL", "missing event type"
        yield "event_type IS NULL", UNKNOWN_TYPE
    yield "user_id IS NULL", "missing user id"
    yield "item_id IS NULL", "missing item id"
    yield "raw_time IS NULL", "missing time"
    yield from time_reasons()
    if layout.between:
        first, end = (f"TIMESTAMPTZ {literal(time)}" for time in layout.between)
        yield f"timestamp < {first} OR timestamp >= {end}", OUTSIDE
    yield from number_reasons("price", "raw_price", "price")
    yield from number_reasons("duration", "raw_duration", "duration_seconds")


def time_reasons() -> Iterable[tuple[str, str]]:
    """Why a time that is there cannot be used."""
    yield "raw_time IS NOT NULL AND timestamp IS NULL", "unparseable time"
    yield f"timestamp NOT BETWEEN TIMESTAMPTZ '{EARLIEST}' AND TIMESTAMPTZ '{LATEST}'", "implausible time"


def number_reasons(word: str, raw: str, parsed: str) -> Iterable[tuple[str, str]]:
    """Why a number that is there cannot be used."""
    yield f"{raw} IS NOT NULL AND ({parsed} IS NULL OR NOT isfinite({parsed}))", f"unparseable {word}"
    yield f"{parsed} < 0", f"negative {word}"


def case(reasons: Iterable[tuple[str, str]]) -> str:
    """SQL for the one reason why a row cannot be used; null for a row that can."""
    cases = " ".join(f"WHEN {condition} THEN {literal(reason)}" for condition, reason in reasons)
    return f"CASE WHEN problem IS NOT NULL THEN problem {cases} END"


def evidence(**columns: str) -> str:
    """SQL for what shows the reason: the beginning of a broken record, or the value that is wrong.

    `columns` maps the last word of a reason to the column that it is about.
    """
    cases = " ".join(f"WHEN reason LIKE '%{word}' THEN left({c}::VARCHAR, {SHOWN})" for word, c in columns.items())
    return f"CASE WHEN problem IS NOT NULL THEN text {cases} END"
