import pytest

from willbuy.ingest import IngestError


def test_event_types_are_mapped_ignored_or_unknown(bench, header, mapping):
    kinds = ["view", "buy", "fav", "search_a", "search_b", "View", "it's", ""]
    data = header + "".join(f"u{n},i,{kind},2024-01-01,1\n" for n, kind in enumerate(kinds))
    ledger = bench.ingest(data, mapping + "ignore: [fav, 'search*', 'view']\n")
    assert bench.values("events", "event_type") == ["view", "purchase"], "what is mapped is not ignored"
    assert ledger.ignored == {"fav": 1, "search_a": 1, "search_b": 1}
    assert bench.values("quarantine", "reason", "text") == [
        ("unknown event type", "View"), ("unknown event type", "it's"), ("missing event type", None),
    ]  # fmt: skip


WHERE = "where: {kind: [view, buy], price: '1'}\n"


def test_where_leaves_out_all_other_rows_whatever_is_wrong_with_them(bench, header, mapping):
    data = "u,a,view,2024-01-01,1\nu,b,view,2024-01-01,2\n,c,fav,soon,1\nu,d,buy,2024-01-02,1\nu,e\n"
    ledger = bench.ingest(header + data, mapping + WHERE)
    assert bench.values("events", "item_id") == ["a", "d"]
    assert (ledger.ignored, ledger.quarantined) == ({"(not in where)": 2}, {"truncated line": 1})


def test_where_may_name_columns_that_nothing_else_names(bench, header, mapping):
    data = "user,item,kind,when,price,shop\nu,a,view,2024-01-01,1,de\nu,b,view,2024-01-01,1,at\n"
    assert bench.ingest(data, mapping + "where: {shop: at}\n").events == 1
    with pytest.raises(IngestError, match=r"\['shop'\], which the file does not have"):
        bench.ingest(header + "u,a,view,2024-01-01,1\n", mapping + "where: {shop: at}\n")


def test_an_ignored_row_may_be_incomplete(bench, header, mapping):
    assert bench.ingest(header + ",,fav,,\nu,i,view,2024-01-01,1\n", mapping + "ignore: fav\n").ignored == {"fav": 1}
