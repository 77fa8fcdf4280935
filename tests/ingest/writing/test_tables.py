from datetime import UTC, datetime


def log(header: str, *rows: str) -> str:
    return header + "".join(row + "\n" for row in rows)


CATEGORIES = "columns: {user_id: user, item_id: item, event_type: kind, timestamp: when, price: price, category: place}"


def test_an_exact_duplicate_is_the_second_of_two_equal_events(bench, header, mapping):
    data = log(header, "u,i,view,2024-01-01,1", "v,i,view,2024-01-01,1", "u, i,view,2024-01-01T01:00:00+01:00,1.0")
    ledger = bench.ingest(data, mapping)
    assert (ledger.events, ledger.quarantined) == (2, {"exact duplicate": 1})
    assert bench.values("quarantine", "line") == [4]


def test_another_price_type_or_time_is_no_duplicate(bench, header, mapping):
    rows = [
        "u,i,view,2024-01-01,1",
        "u,i,buy,2024-01-01,1",
        "u,i,view,2024-01-01,",
        "u,i,view,2024-01-01T00:00:00.000001,1",
    ]
    assert bench.ingest(log(header, *rows), mapping).events == 4


def test_duplicates_across_files(bench, header, mapping):
    paths = [bench.write(log(header, "u,i,view,2024-01-01,1"), name) for name in ("b.csv", "a.csv")]
    bench.read(paths, mapping)
    assert [name.rpartition("/")[2] for name in bench.values("quarantine", "file")] == ["a.csv"]


def test_an_item_is_what_its_first_event_says(bench, mapping):
    """A price or category that is seen later only would tell a feature of the future."""
    head = "user,item,kind,when,price,place\n"
    rows = [
        "u,late,buy,2024-01-05,9,b",
        "u,late,view,2024-01-01,,",
        "u,first,view,2024-01-02,2,x",
        "u,first,view,2024-01-03,3,y",
        "v,tie,view,2024-01-02,5,one",
        "a,tie,view,2024-01-02,6,two",
    ]
    bench.ingest(log(head, *rows), mapping.replace(mapping.splitlines()[1], CATEGORIES))
    assert bench.values("items", "item_id", "category", "base_price") == [
        ("first", "x", 2.0), ("late", None, None), ("tie", "one", 5.0),
    ]  # fmt: skip


def test_users_and_when_they_were_first_seen(bench, header, mapping):
    bench.ingest(log(header, "u,i,view,2024-01-03,1", "u,i,view,2024-01-02,1", "é,i,view,2024-01-04,1"), mapping)
    assert bench.values("users", "user_id", "first_seen") == [
        ("u", datetime(2024, 1, 2, tzinfo=UTC)), ("é", datetime(2024, 1, 4, tzinfo=UTC)),
    ]  # fmt: skip


def test_robots_go_only_when_asked(bench, header, mapping):
    fast = [f"robot,only{n},view,2024-01-01T00:00:00.{n:06},1" for n in range(501)]
    data = log(header, "u,i,view,2024-01-01,1", *fast, fast[0])
    assert bench.ingest(data, mapping).events == 502
    ledger = bench.ingest(data, mapping, exclude_robots=True)
    assert (ledger.events, ledger.ignored, ledger.quarantined) == (1, {"(robots)": 501}, {"exact duplicate": 1})
    assert bench.values("users", "user_id") == ["u"] and bench.values("items", "item_id") == ["i"]
    ledger.check()
