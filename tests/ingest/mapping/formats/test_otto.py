import json
from datetime import UTC, datetime

SESSIONS = [
    {"session": 12899779, "events": [
        {"aid": 59625, "ts": 1661724000278, "type": "clicks"}, {"aid": 59625, "ts": 1661724058352, "type": "carts"},
    ]},
    {"session": 12899780, "events": [{"aid": 1142000, "ts": 1661724000378, "type": "orders"}]},
]  # fmt: skip


def test_the_events_of_a_session(bench, read):
    ledger = read("otto", {"test.jsonl": "".join(json.dumps(session) + "\n" for session in SESSIONS)})
    assert (ledger.events, ledger.quarantined) == (3, {})
    assert bench.values("events", "user_id", "item_id", "event_type") == [
        ("12899779", "59625", "view"), ("12899780", "1142000", "purchase"), ("12899779", "59625", "add_to_cart"),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2022, 8, 28, 22, 0, 0, 278_000, tzinfo=UTC)
