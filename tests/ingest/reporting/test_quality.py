import pytest

from willbuy.ingest.reporting import quality


def log(header, *rows):
    return header + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def events(bench, header, mapping):
    def write(*rows):
        bench.ingest(log(header, *rows), mapping)
        return bench.out / "events.parquet"

    return write


def test_days_without_events_are_days_too(events):
    days = quality.by_day(events("u,i,view,2024-01-01,", "u,i,buy,2024-01-04T23:59:59,1", "u,j,view,2024-01-04,"))
    assert [f"{day:%d}" for day in days.index] == ["01", "02", "03", "04"]
    assert days["view"].tolist() == [1, 0, 0, 1] and days["purchase"].tolist() == [0, 0, 0, 1]


def test_silences_are_of_the_whole_shop(events):
    path = events("u,i,view,2024-01-01T00:00:00,", "v,i,view,2024-01-01T05:00:00,", "u,i,view,2024-01-01T12:00:00,")
    found = quality.silences(path)
    assert found.hours.tolist() == [7.0] and f"{found.silent_from[0]:%H}" == "05"
    assert quality.silences(path, hours=1).hours.tolist() == [7.0, 5.0]


def test_thin_days(events):
    rows = [f"u,i{n},view,2024-01-{day:02},1" for day in (1, 2, 4, 5) for n in range(10)]
    days = quality.by_day(events(*rows, "u,i,view,2024-01-03,1", "u,i,view,2024-01-06,1"))
    assert [f"{day:%d}" for day in quality.thin_days(days).index] == ["03"], "the last day may be cut short"


def test_purchases_of_items_never_seen_before(events):
    path = events(
        "u,a,view,2024-01-01,",
        "u,a,buy,2024-01-02,",
        "u,b,buy,2024-01-02,",
        "v,a,buy,2024-01-02,",
        "u,c,buy,2024-01-02,",
        "u,c,view,2024-01-03,",
        "u,d,view,2024-01-02,",
        "u,d,buy,2024-01-02,",
    )
    assert quality.unseen_purchases(path) == (5, 4), "seen by somebody else, later, or at the same time is not before"


@pytest.mark.parametrize(
    ("purchases", "unseen", "said"),
    [(0, 0, "no purchases"), (100, 24, "name items alike"), (100, 25, "coarser column"), (100, 60, "60.0% of 100")],
)
def test_advice_on_the_item_id(purchases, unseen, said):
    assert said in quality.item_id_advice(purchases, unseen)


def test_coverage_and_what_is_never_logged(bench, events):
    path = events("u,i,view,2024-01-01,", "v,i,view,2024-01-01,2", "u,i,buy,2024-01-02,")
    found = quality.coverage(path)
    assert found.index.tolist() == ["view", "purchase"]
    assert found.price_known.tolist() == [0.5, 0.0] and found.users.tolist() == [2, 1]
    assert quality.unknown_throughout(path, bench.out / "items.parquet") == [
        "duration_seconds", "category", "scroll", "add_to_cart", "remove_from_cart",
    ]  # fmt: skip
