"""Does the mapping fit the log? Decided after the one pass, over all rows and files."""

from collections.abc import Sequence

from willbuy.ingest.errors import IngestError, about
from willbuy.ingest.judging.faults import UNKNOWN_TYPE
from willbuy.ingest.judging.remarks import NUMBERS
from willbuy.ingest.mapping.layout import JSON_LINES, ItemColumns, Layout
from willbuy.ingest.reading.columns import by_layout
from willbuy.ingest.reading.delimited import OTHER_HEADER
from willbuy.ingest.reading.json_keys import require_keys
from willbuy.ingest.reading.locate import file_type
from willbuy.ingest.reading.relation import Relation
from willbuy.ingest.writing.ledger import listed

# From this share and this number of rows on, an event type is one that the mapping forgot. Fewer rows are dirt.
FORGOTTEN_SHARE, FORGOTTEN_ROWS = 0.01, 10
MISREAD_SHARE, MISREAD_ROWS = 0.5, 10  # the same for numbers: more than half of them are no dirt

TYPES = f"""
SELECT coalesce(ignored || ' (ignored)', CASE WHEN reason = '{UNKNOWN_TYPE}' THEN text || ' (unknown)' END, event_type)
    AS type, count(*)
FROM log_rows WHERE type IS NOT NULL GROUP BY type
"""
HEADERS = f"""
SELECT name, line, text FROM staged JOIN files ON file = number WHERE reason = '{OTHER_HEADER}' ORDER BY file, line
"""
USED = "SELECT file, count(*) FILTER (reason IS NULL) FROM staged GROUP BY file"
MISREAD = """
SELECT remark.reason, min(remark.text), count(*), (SELECT count({column}) FROM {rows}) AS read
FROM (SELECT unnest(remarks) AS remark FROM {rows} WHERE remarks IS NOT NULL)
WHERE remark.reason = 'unparseable {word}' GROUP BY 1
"""


def require_fit(connection, mapping_name: str, opened: Sequence[tuple[Relation, Layout]], max_share: float) -> None:
    """Raise IngestError, which says what to do, for files that mean something else than the mapping says.

    Lines that a stray quote has swallowed may be `max_share` of a file's lines.
    """
    require_own_lines(opened, max_share)
    require_one_header(connection)
    require_json_keys(connection, opened)
    require_known_types(connection, mapping_name)
    require_numbers(connection, mapping_name)


def require_own_lines(opened: Sequence[tuple[Relation, Layout]], max_share: float) -> None:
    """Raise IngestError for a file in which a stray quote seems to have swallowed too many lines."""
    for relation, _ in opened:
        for records in relation.records:
            if records.spans.swallowed > max_share * records.lines:
                raise IngestError(records.spans.told(records.path))


def require_one_header(connection) -> None:
    """Raise IngestError for a header in the middle of a file that names its columns in another order."""
    for name, line, text in connection.execute(HEADERS).fetchall():
        said = f"line {line} is a header with the columns in another order ({text}); from there on its values would be "
        raise about(name, said + "read as those of other columns. Cut the file there, or order its columns")


def require_json_keys(connection, opened: Sequence[tuple[Relation, Layout]]) -> None:
    """Raise IngestError for JSON lines of which no row can be used, because of a key that is not there."""
    used = dict(connection.execute(USED).fetchall())
    for layout, relations in by_layout(opened):
        alike = [relation for relation in relations if relation.file is None]
        paths = [r.path for r in alike if file_type(r.path, layout.file_type, layout.encoding) == JSON_LINES]
        if paths and not any(used.get(relation.number) for relation in alike):
            require_keys(paths, layout)


def require_known_types(connection, mapping_name: str) -> None:
    """Raise IngestError if too many rows to be dirt have an event type that the mapping does not know."""
    unknown = _counts(connection, f"SELECT text, count(*) FROM log_rows WHERE reason = '{UNKNOWN_TYPE}' GROUP BY 1")
    counted = "SELECT count(*), count(event_type) FILTER (reason IS NULL) FROM log_rows"
    ((total, usable),) = connection.execute(counted).fetchall()
    least = max(FORGOTTEN_ROWS, FORGOTTEN_SHARE * total) if usable else 1
    forgotten = {repr(name): count for name, count in unknown.items() if count >= least}
    if forgotten:
        found = {repr(name): count for name, count in _counts(connection, TYPES).items()}
        raise IngestError(
            f"{mapping_name}: {listed(forgotten)} of {total} rows have an event type that the mapping does not know; "
            f"name it in event_types or in ignore. Found: {listed(found)}"
        )


def require_numbers(connection, mapping_name: str) -> None:
    """Raise IngestError if most of the texts of a number cannot be read as one."""
    for column, word in NUMBERS.items():
        rows = "item_rows" if column in ItemColumns.model_fields else "log_rows"
        misread = MISREAD.format(column=column, word=word, rows=rows)
        for reason, text, count, read in connection.execute(misread).fetchall():
            if count >= MISREAD_ROWS and count > MISREAD_SHARE * (count + read):
                said = f"{mapping_name}: {reason} in {count:,} of {count + read:,} rows that have one, such as {text!r}"
                raise IngestError(f"{said}; correct `{column}` in `columns`, or set `decimal`, `thousands`, `currency`")


def _counts(connection, asked: str) -> dict[str, int]:
    return dict(connection.execute(asked).fetchall())
