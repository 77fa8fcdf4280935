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
    assert bench.values("quarantine", "line", "reason") == [(1, "header line again")]


def test_files_strung_together_have_headers_in_the_middle(bench, header, rows, mapping):
    ledger = bench.ingest(header + rows(9) + header + rows(9, 9), mapping)
    assert (ledger.events, ledger.quarantined) == (18, {"header line again": 1})
    assert bench.values("quarantine", "line") == [11]


def test_a_header_in_the_middle_with_swapped_columns_is_refused(bench, header, rows, mapping):
    """From there on, users would be read as items."""
    message = fault(bench, header + rows(9) + "item,user,kind,when,price\n" + rows(9, 9), mapping)
    assert "log.csv: line 11 is a header with the columns in another order" in message and "Cut the file" in message


def test_a_column_that_came_later_is_null_before(bench, header, rows, mapping):
    early = "".join(line.rpartition(",")[0] + "\n" for line in (header + rows(5)).splitlines())
    paths = [bench.write(early, "1.csv"), bench.write(header + rows(5, 5), "2.csv")]
    ledger = bench.read(paths, mapping)
    assert ledger.events == 10
    assert [price is None for price in bench.values("events", "price")].count(True) == 5
    with pytest.raises(IngestError, match=r"1.csv: the mapping names the columns \['price'\]"):
        bench.read(paths[:1], mapping)


def test_a_column_that_every_event_needs_must_be_in_every_file(bench, header, rows, mapping):
    paths = [bench.write(header + rows(5), "1.csv"), bench.write((header + rows(5)).replace("when", "at"), "2.csv")]
    with pytest.raises(IngestError, match=r"2.csv: the mapping names the columns \['when'\]"):
        bench.read(paths, mapping)


def test_a_column_without_a_value_in_some_files_may_have_an_alternative(bench, header, rows, mapping):
    alternatives = mapping.replace("user_id: user", "user_id: [account, user]")
    paths = [
        bench.write(header + rows(5), "1.csv"),
        bench.write((header + rows(5, 5)).replace("user,", "account,"), "2.csv"),
    ]
    assert bench.read(paths, alternatives).events == 10


def test_an_unended_last_line_may_be_cut_off(bench, header, mapping):
    data = header + "u,i,view,2024-01-01,11.98\nu,i,view,2024-01-02,11.9"
    ledger = bench.ingest(data, mapping)
    assert (ledger.events, ledger.quarantined) == (1, {"last line without an end": 1})
    assert bench.values("quarantine", "line", "text") == [(3, "u,i,view,2024-01-02,11.9")]
    assert bench.ingest(data, mapping + "last_line: whole\n").events == 2
    assert bench.ingest(data[:-4] + '"11.9"', mapping).events == 2, "a closing quote shows the end"


def test_a_stray_quote_that_swallows_lines_is_found(bench, header, rows, mapping):
    """Two stray quotes, many lines apart, make one record of all that lies between them."""
    swallowing = header + rows(100, 100) + 'u1,"i,view,2024-02-01,1\n' + rows(40) + 'u2,i",view,2024-02-01,1\n'
    message = fault_above(bench, swallowing, mapping, 0.05)
    assert "1 records span 42 lines, the first at line 102" in message and "`quote: null`" in message
    ledger = bench.ingest(swallowing, mapping, max_quarantine_share=0.5)
    assert ledger.notes and "41 of these lines look like records" in ledger.notes[0]
    assert bench.ingest(swallowing, mapping + "quote: null\n").events == 142


def fault_above(bench, data, mapping, share) -> str:
    with pytest.raises(IngestError) as error:
        bench.ingest(data, mapping, max_quarantine_share=share)
    return str(error.value)


def test_line_breaks_in_a_text_are_no_swallowed_lines(bench, header, rows, mapping):
    told = "".join(f'u{n},"Size: M, red\nand, soft\n",view,2024-03-01T00:00:{n:02},1\n' for n in range(30))
    ledger = bench.ingest(header + rows(20) + told, mapping, max_quarantine_share=0)
    assert ledger.events == 50
    assert ledger.notes == (f"{bench.folder / 'log.csv'}: 30 records span 90 lines, the first at line 22",)
