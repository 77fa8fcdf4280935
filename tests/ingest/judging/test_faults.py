import pytest


@pytest.mark.parametrize(
    ("clock", "text", "reason"),
    [
        ("iso8601", "", "missing time"),
        ("iso8601", "NULL", "missing time"),
        ("iso8601", "2024-02-30", "unparseable time"),
        ("iso8601", "12/31/2024 10:00", "unparseable time"),
        ("iso8601", "1714558830", "unparseable time"),
        ("iso8601", "infinity", "implausible time"),
        ("iso8601", "epoch", "implausible time"),
        ("iso8601", "0024-05-01", "implausible time"),
        ("unix_seconds", "1714558830000", "implausible time"),
        ("unix_milliseconds", "1714558830", "implausible time"),
        ("unix_seconds", "-5", "implausible time"),
        ("unix_seconds", "9" * 22, "implausible time"),
        ("unix_seconds", "9" * 40, "unparseable time"),
        ("unix_seconds", "2024-05-01", "unparseable time"),
        ('"%Y"', "24-05-01", "unparseable time"),
    ],
)
def test_unusable_times(bench, clock, text, reason):
    usable = {"iso8601": "2024-01-01", '"%Y"': "2024"}.get(clock, "1700000000000" if "milli" in clock else "1700000000")
    assert bench.times([usable, text], clock)[1] is None
    assert bench.values("quarantine", "line", "reason", "text") == [
        (3, reason, text if reason != "missing time" else None)
    ]


def test_between_keeps_its_beginning_and_not_its_end(bench):
    written = ["2024-04-30T23:59:59.999999", "2024-05-01", "2024-05-01T23:59:59", "2024-05-02", "2024-04-30T22:00:00Z"]
    zone = "timezone: Europe/Berlin\nbetween: [2024-05-01, 2024-05-02]\n"
    found = bench.times(written, also=zone)
    assert [time is not None for time in found] == [False, True, True, False, True]
    assert bench.values("quarantine", "reason") == [], "left out on purpose"


@pytest.mark.parametrize("text", ["", "  ", "NULL", "null", "None", "NaN", "nan", "\\N", "anonymous"])
def test_ids_that_say_nothing(bench, header, mapping, text):
    bench.ingest(
        header + f"{text},i,view,2024-01-01,1\nu,i,view,2024-01-01,1\n", mapping + "missing: {user_id: anonymous}\n"
    )
    assert bench.values("quarantine", "line", "reason") == [(2, "missing user id")]


def test_one_reason_a_row_the_first_in_order(bench, header, mapping):
    bench.ingest(header + ",,nope,x,-1\n,,view,x,-1\nu,,view,x,-1\nu,i,view,x,-1\nu,i,view,2024-01-01,1\n", mapping)
    assert bench.values("quarantine", "reason") == [
        "unknown event type", "missing user id", "missing item id", "unparseable time",
    ]  # fmt: skip
