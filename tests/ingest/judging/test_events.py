from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MOMENT = datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)
ZONES = [timezone(timedelta(minutes=m)) for m in (-570, -300, 0, 60, 330, 765)]


def times(bench, header, mapping, written, clock="iso8601", extra=""):
    data = header + "".join(f'u,i{n},view,"{text}",1\n' for n, text in enumerate(written))
    bench.ingest(data, mapping.replace("iso8601", clock) + extra)
    found = dict(bench.values("events", "item_id", "timestamp"))
    return [found.get(f"i{n}") for n in range(len(written))]


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T10:20:30Z",
        "2024-05-01 10:20:30",
        "2024-05-01 10:20:30 UTC",
        "2024-05-01T12:20:30+02:00",
        "2024-05-01T12:20:30+0200",
        "2024-05-01 05:50:30 -04:30",
        "2024-05-01T10:20:30,000Z",
        " 2024-05-01T10:20:30.000000999Z ",
    ],
)
def test_one_moment_in_many_spellings(bench, header, mapping, text):
    assert times(bench, header, mapping, [text, "2024-01-01"])[0] == MOMENT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    st.lists(
        st.tuples(st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 30)), st.sampled_from(ZONES)),
        min_size=1,
        max_size=30,
    )
)
def test_offsets_may_be_mixed(bench, header, mapping, moments):
    moments = [moment.replace(tzinfo=zone) for moment, zone in moments]
    assert times(bench, header, mapping, [m.isoformat() for m in moments]) == moments


def test_naive_times_are_in_the_timezone_and_others_are_not(bench, header, mapping):
    written = ["2024-05-01 12:20:30", "2024-05-01 10:20:30Z", "2024-05-01 12:20:30+02"]
    assert times(bench, header, mapping, written, extra="timezone: Europe/Berlin\n") == [MOMENT] * 3


@pytest.mark.parametrize(
    ("clock", "text"),
    [
        ("unix_seconds", "1714558830"),
        ("unix_seconds", "1714558830.0"),
        ("unix_seconds", "1.71455883e9"),
        ("unix_milliseconds", "1714558830000"),
        ("unix_microseconds", "1714558830000000"),
        ('"%d/%m/%Y %H:%M:%S"', "01/05/2024 10:20:30"),
        ('"%d.%m.%y %H.%M.%S %z"', "01.05.24 12.20.30 +0200"),
    ],
)
def test_clocks(bench, header, mapping, clock, text):
    assert times(bench, header, mapping, [text], clock)[0] == MOMENT


def test_fractions_of_unix_seconds_are_exact(bench, header, mapping):
    found = times(bench, header, mapping, ["1714558830.123456", "1714558830.1"], "unix_seconds")
    assert found == [MOMENT.replace(microsecond=123456), MOMENT.replace(microsecond=100000)]


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
def test_times_that_cannot_be(bench, header, mapping, clock, text, reason):
    usable = {"iso8601": "2024-01-01", '"%Y"': "2024"}.get(clock, "1700000000000" if "milli" in clock else "1700000000")
    assert times(bench, header, mapping, [usable, text], clock)[1] is None
    assert bench.values("quarantine", "line", "reason", "text") == [
        (3, reason, text if reason != "missing time" else None)
    ]


def test_between_keeps_its_beginning_and_not_its_end(bench, header, mapping):
    written = ["2024-04-30T23:59:59.999999", "2024-05-01", "2024-05-01T23:59:59", "2024-05-02", "2024-04-30T22:00:00Z"]
    zone = "timezone: Europe/Berlin\nbetween: [2024-05-01, 2024-05-02]\n"
    found = times(bench, header, mapping, written, extra=zone)
    assert [moment is not None for moment in found] == [False, True, True, False, True]
    assert set(bench.values("quarantine", "reason")) == {"outside the given time"}


@pytest.mark.parametrize(
    ("text", "price", "decimal"),
    [
        ("1.5", 1.5, "."), ("-0.0", 0.0, "."), ("1e3", 1000.0, "."), (" 5 ", 5.0, "."), ("nan", None, "."),
        ("NULL", None, "."), ("", None, "."), ("1.299,50", 1299.5, ","), ("5", 5.0, ","),
    ],
)  # fmt: skip
def test_prices(bench, header, mapping, text, price, decimal):
    bench.ingest(header + f'u,i,view,2024-01-01,"{text}"\n', mapping + f"decimal: '{decimal}'\n")
    assert bench.values("events", "price") == [price]
    assert str(bench.values("events", "price")[0]) == str(price), "no negative zero"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-1", "negative price"),
        ("abc", "unparseable price"),
        ("inf", "unparseable price"),
        ("1,5", "unparseable price"),
    ],
)
def test_prices_that_cannot_be(bench, header, mapping, text, reason):
    bench.ingest(header + f'u,i,view,2024-01-01,"{text}"\nu,i,view,2024-01-02,1\n', mapping)
    assert bench.values("quarantine", "reason", "text") == [(reason, text)]


def test_ids_are_kept_as_they_are_written(bench, header, mapping):
    ids = ["007", "7", "1e5", "1.0", "a,b", 'say "hi"', "😀", "é'; DROP TABLE rows; --", "NA", "0", "a\nb", "%s{x}$1"]
    data = header + "".join('"{}",i,view,2024-01-01,1\n'.format(i.replace('"', '""')) for i in ids)
    bench.ingest(data, mapping)
    assert set(bench.values("events", "user_id")) == set(ids)


@pytest.mark.parametrize("text", ["", "  ", "NULL", "null", "None", "NaN", "nan", "\\N", "anonymous"])
def test_ids_that_say_nothing(bench, header, mapping, text):
    bench.ingest(
        header + f"{text},i,view,2024-01-01,1\nu,i,view,2024-01-01,1\n", mapping + "missing: {user_id: anonymous}\n"
    )
    assert bench.values("quarantine", "line", "reason") == [(2, "missing user id")]


def test_the_first_known_alternative_counts(bench, mapping):
    columns = mapping.replace("user_id: user", "user_id: [account, cookie]")
    data = (
        "account,cookie,item,kind,when,price\na,b,i,view,2024-01-01,1\n,b,i,view,2024-01-01,1\n,,i,view,2024-01-01,1\n"
    )
    bench.ingest(data, columns)
    assert bench.values("events", "user_id") == ["a", "b"]
    assert bench.values("quarantine", "line", "reason") == [(4, "missing user id")]


def test_event_types_are_mapped_ignored_or_unknown(bench, header, mapping):
    kinds = ["view", "buy", "fav", "search_a", "search_b", "View", "it's", ""]
    data = header + "".join(f"u{n},i,{kind},2024-01-01,1\n" for n, kind in enumerate(kinds))
    ledger = bench.ingest(data, mapping + "ignore: [fav, 'search*', 'view']\n")
    assert bench.values("events", "event_type") == ["view", "purchase"], "what is mapped is not ignored"
    assert ledger.ignored == {"fav": 1, "search_a": 1, "search_b": 1}
    assert bench.values("quarantine", "reason", "text") == [
        ("unknown event type", "View"), ("unknown event type", "it's"), ("missing event type", None),
    ]  # fmt: skip


def test_an_ignored_row_may_be_incomplete(bench, header, mapping):
    assert bench.ingest(header + ",,fav,,\nu,i,view,2024-01-01,1\n", mapping + "ignore: fav\n").ignored == {"fav": 1}


def test_one_reason_a_row_the_first_in_order(bench, header, mapping):
    bench.ingest(header + ",,nope,x,-1\n,,view,x,-1\nu,,view,x,-1\nu,i,view,x,-1\nu,i,view,2024-01-01,1\n", mapping)
    assert bench.values("quarantine", "reason") == [
        "unknown event type", "missing user id", "missing item id", "unparseable time",
    ]  # fmt: skip
