"""Local times without an offset in the hours in which the clocks are changed: one hour comes twice, one never."""

from collections.abc import Iterator

from willbuy.database import literal
from willbuy.ingest.judging.faults import Fault
from willbuy.ingest.mapping.layout import ISO, UNIX, Layout
from willbuy.ingest.reading.relation import Relation

FIXED = ("UTC", "GMT", "Etc/")  # zones that begin so never change their clocks
NIGHT = 5  # clocks are changed before this hour
OFFSET = "[zZ+-]|[A-Za-z]{2,}"  # behind the date, only an offset or the name of a zone looks like this
REPEATED, SKIPPED = "time in a repeated hour", "time in a skipped hour"


def written(relation: Relation, layout: Layout) -> str:
    """SQL for the local time of a row as it is written; null of one with an offset, and where no clock is changed."""
    columns = [relation.columns[name] for name in layout.columns.named().get("timestamp", ())]
    if layout.timezone.startswith(FIXED) or layout.timestamp in UNIX or not columns:
        return "NULL::TIMESTAMP"
    if any(column in relation.times for column in columns):
        return "try_cast(raw_timestamp AS TIMESTAMP)" if relation.local else "NULL::TIMESTAMP"
    if layout.timestamp == ISO:
        local = f"NOT regexp_matches(substr(raw_timestamp, 11), '{OFFSET}')"
        return f"CASE WHEN {local} THEN try_cast(replace(raw_timestamp, ',', '.') AS TIMESTAMP) END"
    if "%z" in layout.timestamp or "%Z" in layout.timestamp:
        return "NULL::TIMESTAMP"
    return f"try_strptime(raw_timestamp, {literal(layout.timestamp)})::TIMESTAMP"


def clock_changes(layout: Layout) -> Iterator[Fault]:
    """Times that may be an hour off. Of an hour that comes twice the second is meant; a skipped one counts on."""
    if layout.timezone.startswith(FIXED) or "timestamp" not in layout.columns.named():
        return
    zone, hour = literal(layout.timezone), "INTERVAL 1 HOUR"
    again = f"((timestamp {{}} {hour}) AT TIME ZONE {zone}) = written"
    at_night = f"CASE WHEN hour(written) < {NIGHT} THEN {{}} ELSE false END"
    yield Fault(at_night.format(f"{again.format('-')} OR {again.format('+')}"), REPEATED, "timestamp")
    yield Fault(at_night.format(f"(timestamp AT TIME ZONE {zone}) <> written"), SKIPPED, "timestamp")
