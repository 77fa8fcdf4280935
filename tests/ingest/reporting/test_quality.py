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


def test_prices_by_kind_of_event(events):
    found = quality.prices(
        events("u,i,view,2024-01-01,0", "u,j,view,2024-01-01,4", "u,k,view,2024-01-01,8", "u,i,buy,2024-01-02,")
    )
    assert found.index.tolist() == ["view"], "nothing is said where there are none"
    assert found.loc["view", ["prices", "lowest", "median", "highest"]].tolist() == [3, 0, 4, 8]
    assert found.zero.round(2).tolist() == [0.33]


def test_coverage_and_what_is_never_logged(bench, events):
    path = events("u,i,view,2024-01-01,", "v,i,view,2024-01-01,2", "u,i,buy,2024-01-02,")
    found = quality.coverage(path)
    assert found.index.tolist() == ["view", "purchase"]
    assert found.price_known.tolist() == [0.5, 0.0] and found.users.tolist() == [2, 1]
    assert quality.unknown_throughout(path, bench.out / "items.parquet") == [
        "duration_seconds", "category", "scroll", "add_to_cart", "remove_from_cart",
    ]  # fmt: skip


def test_contexts_with_their_commonest_levels(bench):
    rows = "".join(
        f"u,{n},view,2024-01-01,{level}\n" for n, level in enumerate(["b", "b", "a", "c", "d", "", "b", "a"])
    )
    mapping = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when}
event_types: {view: view}
timestamp: iso8601
context: [channel]
"""
    bench.ingest("user,item,kind,when,channel\n" + rows, mapping)
    found = quality.contexts(bench.out / "events.parquet")
    assert found.loc["context_channel"].tolist() == [4, "b 38%, a 25%, c 12%", 0.125]
    bench.ingest("user,item,kind,when,channel\n" + rows, mapping.partition("context")[0])
    assert quality.contexts(bench.out / "events.parquet").empty
