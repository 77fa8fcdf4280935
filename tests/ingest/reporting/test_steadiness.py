import pandas as pd
import pytest

from willbuy.ingest.reporting import steadiness


@pytest.fixture
def events(bench, header, mapping):
    def write(*rows):
        bench.ingest(header + "".join(f"{row}\n" for row in rows), mapping)
        return bench.out / "events.parquet"

    return write


def counts(days: int, start: str = "2024-01-01", **by_type: int) -> pd.DataFrame:
    """Hours of `days` days with the same number of events of each type in each hour."""
    hours = pd.date_range(start, periods=24 * days, freq="h", tz="UTC")
    return pd.DataFrame({name: [n] * len(hours) for name, n in by_type.items()}, index=hours)


def test_days_and_hours_without_events_are_there_too(events):
    hours = steadiness.by_hour(
        events("u,i,view,2024-01-01,", "u,i,buy,2024-01-04T23:59:59,1", "u,j,view,2024-01-04T01:30:00,")
    )
    assert len(hours) == 96 and hours.loc["2024-01-04T01:00Z"].tolist() == [1, 0]
    days = steadiness.by_day(hours)
    assert [f"{day:%d}" for day in days.index] == ["01", "02", "03", "04"]
    assert days["view"].tolist() == [1, 0, 0, 1] and days["purchase"].tolist() == [0, 0, 0, 1]


def test_silences_are_of_the_whole_shop(events):
    path = events("u,i,view,2024-01-01T00:00:00,", "v,i,view,2024-01-01T05:00:00,", "u,i,view,2024-01-01T12:00:00,")
    found = steadiness.silences(path)
    assert found.hours.tolist() == [7.0] and f"{found.silent_from[0]:%H}" == "05"
    assert steadiness.silences(path, hours=1).hours.tolist() == [7.0, 5.0]


def test_a_thin_day_is_thin_by_type_and_not_the_first_or_the_last():
    hours = counts(6, view=10, purchase=2, scroll=0)
    for day, kind in (
        ("2024-01-01", "view"),
        ("2024-01-03", "view"),
        ("2024-01-04", "purchase"),
        ("2024-01-06", "view"),
    ):
        hours.loc[day, kind] = 0
    thin = steadiness.thin_days(steadiness.by_day(hours))
    assert [(f"{t.day:%d}", t.event_type, t.events, t.usual) for t in thin.itertuples()] == [
        ("03", "view", 0, 240.0), ("04", "purchase", 0, 48.0),
    ]  # fmt: skip


def test_a_rare_type_has_empty_days_by_chance():
    hours = counts(6, view=10, purchase=0)
    hours.loc[["2024-01-01T05:00Z", "2024-01-05T05:00Z"], "purchase"] = steadiness.COMMON - 1
    assert steadiness.thin_days(steadiness.by_day(hours)).empty


def test_a_clock_that_is_wrong_by_years_leaves_the_usual_day_as_it_is():
    days = steadiness.by_day(counts(5, view=10).reindex(pd.date_range("2024-01-01", "2027-01-01", freq="h", tz="UTC")))
    assert steadiness.usual(days.fillna(0))["view"] == 240


def test_purchases_that_broke_off_are_found_while_views_go_on():
    hours = counts(10, view=20, purchase=2)
    hours.loc["2024-01-03T20:00Z":"2024-01-05T17:00Z", "purchase"] = 0
    found = steadiness.outages(hours)
    assert [
        (o.event_type, f"{o.silent_from:%d %H}", f"{o.silent_until:%d %H}", o.hours) for o in found.itertuples()
    ] == [("purchase", "03 20", "05 18", 46)]
    assert 70 < found.expected[0] <= 92
    said = steadiness.breaks(found, steadiness.thin_days(steadiness.by_day(hours)))
    assert said.startswith("no purchase from 2024-01-03 20:00 to 2024-01-05 18:00, where about ")
    assert "2024-01-04," not in said, "the day is named once"


def test_a_type_that_ends_early_broke_off_and_a_quiet_shop_did_not():
    hours = counts(10, view=20, purchase=2)
    hours.loc["2024-01-08":, "purchase"] = 0
    assert steadiness.outages(hours).silent_from.map("{:%d}".format).tolist() == ["08"]
    hours = counts(10, view=20, purchase=2)
    hours.loc["2024-01-08"] = 0
    assert steadiness.outages(hours).empty, "a shop without any event is told by silences"


def test_a_log_of_one_type_has_no_outages():
    assert steadiness.outages(counts(3, view=20)).empty


def test_many_breaks_are_counted():
    thin = pd.DataFrame(
        {"day": pd.date_range("2024-01-01", periods=7), "event_type": "view", "events": 3, "usual": 900.0}
    )
    said = steadiness.breaks(steadiness.outages(counts(1, view=1)), thin)
    assert said.startswith("3 view on 2024-01-01, where 900 are usual; 3 view on 2024-01-02")
    assert said.endswith(", and 2 more") and said.count("usual") == steadiness.SHOWN
