import pytest

from willbuy.ingest import IngestError


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-1", "negative price"),
        ("abc", "unparseable price"),
        ("inf", "unparseable price"),
        ("1,5", "unparseable price"),
        ("1e999", "unparseable price"),
    ],
)
def test_an_unusable_price_is_null_and_counted_and_its_event_stays(bench, header, mapping, text, reason):
    ledger = bench.ingest(header + f'u,i,view,2024-01-01,"{text}"\nu,i,view,2024-01-02,1\n', mapping)
    assert bench.values("events", "price") == [None, 1.0]
    assert (ledger.events, ledger.quarantined, ledger.remarked) == (2, {}, {reason: 1})
    assert ledger.remarks[0] == (reason, str(bench.folder / "log.csv"), 2, text, 1)


def test_two_fields_of_a_row_may_be_unusable(bench, mapping):
    also = mapping.replace("price: price", "price: price, duration_seconds: stay")
    data = "user,item,kind,when,price,stay\nu,i,view,2024-01-01,x,-3\nu,i,view,2024-01-02,1,2\n"
    assert bench.ingest(data, also).remarked == {"negative duration": 1, "unparseable price": 1}
    assert bench.values("events", "price", "duration_seconds") == [(None, None), (1.0, 2.0)]


def test_a_row_that_is_not_used_has_no_remark(bench, header, mapping):
    ledger = bench.ingest(header + "u,i,view,soon,x\nu,i,fav,,x\nu,i,view,2024-01-01,1\n", mapping + "ignore: fav\n")
    assert ledger.remarked == {}


def test_the_first_rows_of_a_kind_are_kept_and_all_are_counted(bench, header, rows, mapping):
    bad = "".join(f"u{n},i,view,2024-02-01,x{n}\n" for n in range(9))
    ledger = bench.ingest(header + rows(20) + bad, mapping)
    assert [(remark.line, remark.text, remark.rows) for remark in ledger.remarks] == [
        (22, "x0", 9), (23, "x1", 9), (24, "x2", 9),
    ]  # fmt: skip


def test_prices_of_which_most_are_no_numbers_are_a_wrong_mapping(bench, header, rows, mapping):
    bad = "".join(f"u{n},i,view,2024-02-01,{n} EUR\n" for n in range(30))
    with pytest.raises(IngestError, match="unparseable price in 30 of 59 rows.*'0 EUR'.*set `decimal`"):
        bench.ingest(header + rows(29) + bad, mapping)
    assert bench.ingest(header + rows(30) + bad, mapping).remarked == {"unparseable price": 30}
