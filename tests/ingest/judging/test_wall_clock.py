from datetime import UTC, datetime

import pyarrow as pa
import pytest

from willbuy.ingest.judging.wall_clock import REPEATED, SKIPPED

BERLIN = "timezone: Europe/Berlin\n"


@pytest.mark.parametrize(
    ("written", "hour", "remark"),
    [
        ("2024-10-27 02:30:00", 1, REPEATED),  # the second of the two
        ("2024-10-27T02:30:00.5", 1, REPEATED),
        ("2024-10-27 01:59:59", 23, None),
        ("2024-10-27 03:00:00", 2, None),
        ("2024-03-31 02:30:00", 1, SKIPPED),  # counted on from 01:59
        ("2024-03-31 03:00:00", 1, None),
        ("2024-10-27T02:30:00+02:00", 0, None),
        ("2024-10-27 02:30:00Z", 2, None),
        ("2024-10-27 02:30:00 UTC", 2, None),
        ("2024-10-27", 22, None),
    ],
)
def test_times_in_the_hours_of_a_clock_change_are_counted(bench, header, mapping, written, hour, remark):
    ledger = bench.ingest(header + f"u,i,view,{written},1\n", mapping + BERLIN)
    assert bench.values("events", "timestamp")[0].hour == hour
    assert ledger.remarked == ({remark: 1} if remark else {})


def test_a_pattern_is_read_alike(bench, header, mapping):
    clock = mapping.replace("iso8601", '"%d.%m.%Y %H:%M"') + BERLIN
    assert bench.ingest(header + "u,i,view,27.10.2024 02:30,1\n", clock).remarked == {REPEATED: 1}
    clock = mapping.replace("iso8601", '"%d.%m.%Y %H:%M %z"') + BERLIN
    assert bench.ingest(header + "u,i,view,27.10.2024 02:30 +0200,1\n", clock).remarked == {}


@pytest.mark.parametrize(("zone", "found"), [(None, {REPEATED: 1}), ("UTC", {})])
def test_times_of_parquet(bench, mapping, zone, found):
    when = pa.array([datetime(2024, 10, 27, 2, 30, tzinfo=UTC if zone else None)], pa.timestamp("us", zone))
    table = pa.table({"user": ["u"], "item": ["i"], "kind": ["view"], "when": when, "price": [1.0]})
    assert bench.ingest(table, mapping + BERLIN, name="log.parquet").remarked == found


def test_utc_has_no_such_hours(bench, header, mapping):
    assert bench.ingest(header + "u,i,view,2024-10-27 02:30:00,1\n", mapping).remarked == {}
