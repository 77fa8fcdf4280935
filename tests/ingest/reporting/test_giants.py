import pytest

from willbuy.ingest.reporting import giants


@pytest.fixture
def events(bench, header, mapping):
    def write(pairs):
        rows = "".join(f"{user},{item},view,2024-01-01T00:00:00.{n:06},1\n" for n, (user, item) in enumerate(pairs))
        bench.ingest(header + rows, mapping)
        return bench.out / "events.parquet"

    return write


def test_one_user_that_is_a_third_of_the_log_is_no_robot_but_named(events):
    path = events([(f"u{n}", f"i{n}") for n in range(70)] + [("undefined", f"i{n}") for n in range(30)])
    users, items = giants.largest(path, "user_id"), giants.largest(path, "item_id")
    assert users.iloc[0].to_dict() == {"events": 30, "share": 0.3, "items": 30, "purchases": 0}
    assert users.index[0] == "undefined" and len(users) == giants.SHOWN and items.share.iloc[0] == 0.02
    assert giants.told(users, items, giants.alike(path)) == ["user `undefined` has 30% of the events"]


def test_in_a_shop_of_few_everybody_is_large(events):
    path = events([("a", "x"), ("b", "y")])
    assert giants.told(giants.largest(path, "user_id"), giants.largest(path, "item_id"), giants.alike(path)) == []


def test_ids_that_are_equal_but_for_case_or_a_decimal(events):
    path = events([("17", "x"), ("17.0", "x"), ("17", "x"), ("170", "X"), ("1.5", "y"), ("1.50", "z")])
    found = giants.alike(path)
    assert [(row["column"], list(row.ids), row.events) for _, row in found.iterrows()] == [
        ("user_id", ["17", "17.0"], 3), ("item_id", ["x", "X"], 4),
    ]  # fmt: skip
    assert giants.told(giants.largest(path, "user_id"), giants.largest(path, "item_id"), found) == [
        "1 groups of user_id are equal but for case or `.0`, such as `17` and `17.0`",
        "1 groups of item_id are equal but for case or `.0`, such as `x` and `X`",
    ]
