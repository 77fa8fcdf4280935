from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TIME = datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)
ZONES = [timezone(timedelta(minutes=m)) for m in (-570, -300, 0, 60, 330, 765)]


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
def test_one_time_in_many_spellings(bench, text):
    assert bench.times([text, "2024-01-01"])[0] == TIME


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    st.lists(
        st.tuples(st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 30)), st.sampled_from(ZONES)),
        min_size=1,
        max_size=30,
    )
)
def test_offsets_may_be_mixed(bench, written):
    written = [time.replace(tzinfo=zone) for time, zone in written]
    assert bench.times([time.isoformat() for time in written]) == written


def test_naive_times_are_in_the_timezone_and_others_are_not(bench):
    written = ["2024-05-01 12:20:30", "2024-05-01 10:20:30Z", "2024-05-01 12:20:30+02"]
    assert bench.times(written, also="timezone: Europe/Berlin\n") == [TIME] * 3


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
def test_clocks(bench, clock, text):
    assert bench.times([text], clock)[0] == TIME


def test_fractions_of_unix_seconds_are_exact(bench):
    found = bench.times(["1714558830.123456", "1714558830.1"], "unix_seconds")
    assert found == [TIME.replace(microsecond=123456), TIME.replace(microsecond=100000)]


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


def test_ids_are_kept_as_they_are_written(bench, header, mapping):
    ids = ["007", "7", "1e5", "1.0", "a,b", 'say "hi"', "😀", "é'; DROP TABLE rows; --", "NA", "0", "a\nb", "%s{x}$1"]
    data = header + "".join('"{}",i,view,2024-01-01,1\n'.format(i.replace('"', '""')) for i in ids)
    bench.ingest(data, mapping)
    assert set(bench.values("events", "user_id")) == set(ids)


def test_the_first_known_alternative_counts(bench, mapping):
    columns = mapping.replace("user_id: user", "user_id: [account, cookie]")
    data = (
        "account,cookie,item,kind,when,price\na,b,i,view,2024-01-01,1\n,b,i,view,2024-01-01,1\n,,i,view,2024-01-01,1\n"
    )
    bench.ingest(data, columns)
    assert bench.values("events", "user_id") == ["a", "b"]
    assert bench.values("quarantine", "line", "reason") == [(4, "missing user id")]
