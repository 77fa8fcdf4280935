import pytest

from willbuy.ingest import IngestError


def fault(bench, data, mapping) -> str:
    with pytest.raises(IngestError) as error:
        bench.ingest(data, mapping)
    return str(error.value)


def test_a_column_that_is_not_there(bench, mapping):
    message = fault(bench, "user,item,type,when\nu1,i1,view,2024-01-01\n", mapping)
    assert "['kind', 'price'], which the file does not have" in message
    assert "'user' (text, 'u1')" in message and "'when' (text, '2024-01-01')" in message


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_recognized_and_told(bench, header, rows, mapping, delimiter):
    message = fault(bench, (header + rows(3)).replace(",", delimiter), mapping)
    assert f"looks like {delimiter!r}, not ','" in message


def test_another_delimiter_is_read_when_the_mapping_says_so(bench, header, rows, mapping):
    assert bench.ingest((header + rows(30)).replace(",", "\t"), mapping + "delimiter: \\t\n").events == 30


def test_a_column_named_twice_is_unclear_only_if_it_is_wanted(bench, header, rows, mapping):
    twice = (header + rows(5)).replace("\n", ",x,x\n")
    assert "['user'] occur more than once" in fault(bench, twice.replace("x,x", "user,x", 1), mapping)
    assert bench.ingest(twice, mapping).events == 5


def test_names_stand_for_a_header(bench, header, rows, mapping):
    ledger = bench.ingest(rows(5), mapping + f"names: [{header.strip()}]\n")
    assert (ledger.rows, ledger.events) == (5, 5)


def test_names_that_are_too_few(bench, rows, mapping):
    assert "['price'], which the file does not have" in fault(
        bench, rows(5), mapping + "names: [user, item, kind, when]\n"
    )


def test_a_header_before_named_columns_is_one_bad_row(bench, header, rows, mapping):
    bench.ingest(header + rows(20), mapping + f"names: [{header.strip()}]\n")
    assert bench.values("quarantine", "line", "reason", "text") == [(1, "unknown event type", "kind")]
