import pytest

from willbuy.ingest.judging.robots import EVENTS_A_DAY, EVENTS_AN_HOUR, robots


def burst(user, count, hours=1):
    """`count` events of a user, spread evenly over the first hours of a day."""
    return "".join(f"{user},i,view,2024-01-01T{n % hours:02}:00:00.{n:06},\n" for n in range(count))


@pytest.mark.parametrize(
    ("count", "hours", "is_robot"),
    [
        (EVENTS_AN_HOUR, 1, False),
        (EVENTS_AN_HOUR + 1, 1, True),
        (EVENTS_A_DAY, 10, False),
        (EVENTS_A_DAY + 1, 10, True),
    ],
)
def test_the_rule_at_its_edges(bench, header, mapping, count, hours, is_robot):
    bench.ingest(header + burst("fast", count, hours) + burst("slow", 5), mapping)
    found = robots(bench.out / "events.parquet")
    assert found.user_id.tolist() == ["fast"] * is_robot
    if is_robot:
        assert (found.most_in_an_hour[0], found.most_in_a_day[0]) == (-(-count // hours), count)


def test_an_hour_is_a_clock_hour(bench, header, mapping):
    half = EVENTS_AN_HOUR // 2 + 1
    rows = "".join(f"u,i,view,2024-01-01T{h}.{n:06},\n" for h in ("00:59:00", "01:01:00") for n in range(half))
    bench.ingest(header + rows, mapping)
    assert robots(bench.out / "events.parquet").empty
