import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.writing.quarantine import first_of_each, first_rows

STRAYS = 9


def test_a_few_strays_of_a_type_are_dirt(bench, header, rows, mapping):
    strays = "".join(f"u{n},i,fav,2024-01-01,1\n" for n in range(STRAYS))
    assert bench.ingest(header + rows(20) + strays, mapping).quarantined == {"unknown event type": STRAYS}


def test_ten_of_a_thousand_are_a_forgotten_type_and_of_many_thousands_are_not(bench, header, rows, mapping):
    strays = "".join(f"u{n},i,fav,2024-01-01,1\n" for n in range(10))
    with pytest.raises(IngestError, match="'fav' 10 of 1000 rows"):
        bench.ingest(header + rows(990) + strays, mapping)
    assert bench.ingest(header + rows(991) + strays, mapping).quarantined["unknown event type"] == 10


def test_the_quarantine_is_in_the_order_of_the_log(bench, header, rows, mapping):
    data = header + "x\n" + rows(3) + "u,i,view,soon,1\n" + rows(3) + "y\n"
    bench.ingest(data, mapping)
    assert bench.values("quarantine", "line", "reason", "text") == [
        (2, "truncated line", "x"), (6, "unparseable time", "soon"), (7, "exact duplicate", None),
        (8, "exact duplicate", None), (9, "exact duplicate", None), (10, "truncated line", "y"),
    ]  # fmt: skip


def test_the_first_rows_of_each_reason(bench, header, rows, mapping):
    bench.ingest(header + "x\n" + rows(2) + "u,i,view,soon,1\ny\nz\n", mapping)
    found = first_rows(bench.out / "quarantine.parquet", each=2)
    assert list(zip(found.reason, found.line, found.text, strict=True)) == [
        ("truncated line", 2, "x"), ("truncated line", 6, "y"), ("unparseable time", 5, "soon"),
    ]  # fmt: skip
    told = first_of_each(bench.out / "quarantine.parquet")
    assert told == "; ".join(
        f"{reason}: {bench.folder / 'log.csv'} line {line} '{text}'"
        for reason, line, text in [("truncated line", 2, "x"), ("unparseable time", 5, "soon")]
    )


def test_a_reason_without_text_is_told_without(bench, header, rows, mapping):
    bench.ingest(header + rows(1) * 2, mapping)
    assert first_of_each(bench.out / "quarantine.parquet") == f"exact duplicate: {bench.folder / 'log.csv'} line 3"


def test_long_values_are_shown_in_part(bench, header, mapping):
    bench.ingest(header + f"u,i,view,{'9' * 5000},1\nu,i,view,2024-01-01,1\n", mapping)
    assert bench.values("quarantine", "text") == ["9" * 200]


def test_a_name_with_a_quote_in_it(bench, header, rows, mapping):
    bench.ingest(header + rows(3) + "x\n", mapping, name='o\'brien "log".csv')
    assert bench.values("quarantine", "file")[0].endswith('o\'brien "log".csv')
