def test_event_types_are_mapped_ignored_or_unknown(bench, header, mapping):
    kinds = ["view", "buy", "fav", "search_a", "search_b", "View", "it's", ""]
    data = header + "".join(f"u{n},i,{kind},2024-01-01,1\n" for n, kind in enumerate(kinds))
    ledger = bench.ingest(data, mapping + "ignore: [fav, 'search*', 'view']\n")
    assert bench.values("events", "event_type") == ["view", "purchase"], "what is mapped is not ignored"
    assert ledger.ignored == {"fav": 1, "search_a": 1, "search_b": 1}
    assert bench.values("quarantine", "reason", "text") == [
        ("unknown event type", "View"), ("unknown event type", "it's"), ("missing event type", None),
    ]  # fmt: skip


def test_an_ignored_row_may_be_incomplete(bench, header, mapping):
    assert bench.ingest(header + ",,fav,,\nu,i,view,2024-01-01,1\n", mapping + "ignore: fav\n").ignored == {"fav": 1}
