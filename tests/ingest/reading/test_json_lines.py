import json

import pytest

from willbuy.ingest import IngestError

NESTED = """
columns: {user_id: visitor.id, item_id: items.sku, event_type: kind, timestamp: at, price: items.price.value}
event_types: {view: view}
ignore: [ping]
explode: items
timestamp: unix_milliseconds
"""


def log(*objects) -> str:
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects)


def event(n: int, **changes) -> dict:
    when = f"2024-01-01T00:00:{n:02}Z"
    return {"user": f"u{n}", "item": n, "kind": "view", "when": when, "price": n / 2, "more": {"a": [1]}, **changes}


def test_objects_become_events(bench, mapping):
    assert bench.ingest(log(event(1, user='é,"😀'), event(2, price=None), event(3, price="")), mapping).events == 3
    assert bench.values("events", "user_id", "item_id", "price") == [
        ('é,"😀', "1", 0.5),
        ("u2", "2", None),
        ("u3", "3", None),
    ]


def test_large_numbers_stay_what_they_are(bench, mapping):
    bench.ingest(log(event(1, item=12345678901234567890), event(2, item=2**53 + 1)), mapping)
    assert bench.values("events", "item_id") == ["12345678901234567890", "9007199254740993"]


@pytest.mark.parametrize("broken", ['{"user": "u1"', "[1]", "null", "17", "not json", '{"user": 1} {"user": 2}'])
def test_what_is_no_object_is_quarantined(bench, mapping, broken):
    ledger = bench.ingest(log(event(1)) + broken + "\n" + log(event(2)), mapping)
    assert (ledger.events, ledger.quarantined) == (2, {"not a JSON object": 1})
    assert bench.values("quarantine", "line", "text") == [(2, broken)]


def test_a_key_may_be_absent_where_it_is_null(bench, mapping):
    without = event(2)
    del without["price"], without["user"]
    assert bench.ingest(log(event(1), without), mapping).quarantined == {"missing user id": 1}


def test_a_needed_key_that_no_object_has(bench, mapping):
    with pytest.raises(
        IngestError, match=r"\['kind'\], which the file does not have. Found: 'user' \(text\).*'price' \(num"
    ):
        bench.ingest(log({k: v for k, v in event(1).items() if k != "kind"}), mapping)


def test_an_id_that_is_an_object(bench, mapping):
    with pytest.raises(IngestError, match=r"\['user'\] are objects or lists.*'user.id' \(number\)"):
        bench.ingest(log(event(1, user={"id": 6}), event(2, user={"id": 7})), mapping)
    assert bench.ingest(log(event(1), event(2, user={"id": 7})), mapping).events == 1
    assert bench.values("quarantine", "reason", "text") == [("an object or a list where a value should be", '{"id":7}')]


def test_a_key_may_turn_up_late(bench, mapping):
    """Nothing is decided by the first lines of a file: not by 10,000 of them."""
    ping = '{"kind": "ping", "at": 1}\n'
    data = ping * 12_000 + log(event(1), event(2))
    assert bench.ingest(data, mapping + "ignore: [ping]\n").events == 2


def test_a_day_without_a_key_is_no_harm(bench, mapping):
    paths = [bench.write('{"kind": "ping"}\n', "1.jsonl"), bench.write(log(event(1)), "2.jsonl")]
    assert bench.read(paths, mapping + "ignore: [ping]\n").events == 1


def test_a_list_to_explode_that_is_not_there_is_named_itself(bench):
    visit = {"visitor": {"id": 1}, "kind": "view", "at": 1_700_000_000_000, "things": [{"sku": "a"}]}
    with pytest.raises(IngestError, match=r"\['items'\], which the file does not have. Found: .*'things' \(list\)"):
        bench.ingest(log(visit), NESTED)
    with pytest.raises(IngestError, match="`explode` needs a list, and 'items' is object"):
        bench.ingest(log({**visit, "items": {"sku": "a"}}), NESTED)


def test_a_key_with_dots_in_its_name(bench, mapping):
    dotted = mapping.replace("user_id: user", "user_id: user.id")
    bench.ingest(log(event(1, **{"user.id": "a"}), event(2, user={"id": "b"})), dotted)
    assert bench.values("events", "user_id") == ["a", "b"]


def test_whitespace_around_a_text_is_dropped(bench, mapping):
    bench.ingest(log(event(1, user="\t u 1\u00a0\n")), mapping)
    assert bench.values("events", "user_id") == ["u 1"]


def test_a_file_without_any_object(bench, mapping):
    with pytest.raises(IngestError, match="none of its lines"):
        bench.ingest("{\n}\n" * 3, mapping)


def test_entries_of_a_list_become_rows(bench):
    def visit(n, kind="view", **more):
        return {"visitor": {"id": n}, "kind": kind, "at": 1_700_000_000_000 + n, **more}

    entries = [{"sku": "a", "price": {"value": 1.5}}, {"sku": "b"}]
    ledger = bench.ingest(
        log(visit(1, items=entries), visit(2, items=[]), visit(3), visit(4, "ping"), visit(5, items=[{"sku": ""}])),
        NESTED,
    )
    assert bench.values("events", "user_id", "item_id", "price") == [("1", "a", 1.5), ("1", "b", None)]
    assert (ledger.rows, ledger.quarantined, ledger.ignored) == (6, {"missing item id": 3}, {"ping": 1})
    assert bench.values("quarantine", "line") == [2, 3, 5]


def test_names_with_quotes_in_them(bench, mapping):
    keys = mapping.replace("user_id: user", "user_id: 'the \"user\"'")
    renamed = [{('the "user"' if k == "user" else k): v for k, v in event(n).items()} for n in (1, 2)]
    bench.ingest(log(*renamed), keys)
    assert bench.values("events", "user_id") == ["u1", "u2"]
