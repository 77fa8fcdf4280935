import pytest

IDS = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when, event_id: id}
event_types: {view: view, buy: purchase}
timestamp: iso8601
"""
HEAD = "user,item,kind,when,id\n"


def test_an_event_sent_again_is_one(bench):
    rows = "u,a,view,2024-01-01T00:00:00.001,e1\nu,a,view,2024-01-01T00:00:00.000,e1\nu,a,view,2024-01-01T00:00:00,e2\n"
    ledger = bench.ingest(HEAD + rows, IDS)
    assert (ledger.events, ledger.quarantined) == (2, {"event sent again": 1})
    assert bench.values("quarantine", "line", "text") == [(2, "e1")], "the earlier one counts"
    ledger.check()


@pytest.mark.parametrize("ids", [("", ""), ("NULL", ""), ("e1", "e2")])
def test_events_without_an_id_are_compared_by_what_they_say(bench, ids):
    rows = "".join(f"u,a,view,2024-01-01,{event_id}\n" for event_id in ids)
    assert bench.ingest(HEAD + rows, IDS).events == (2 if ids[0] == "e1" else 1)


def test_the_items_of_an_order_share_its_id(bench):
    rows = "".join(f"u,{item},buy,2024-01-01,order1\n" for item in "abb")
    assert bench.ingest(HEAD + rows, IDS).quarantined == {"event sent again": 1}


def test_a_broken_row_takes_no_id_away(bench):
    rows = ",a,view,2024-01-01,e1\nu,a,view,2024-01-02,e1\n"
    assert bench.ingest(HEAD + rows, IDS).events == 1
