import csv
import gzip
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willbuy.ingest.reading import blocks, records
from willbuy.ingest.reading.records import Records

# Characters that quoting, line ends and UTF-8 make hard.
CELL = st.text(st.sampled_from('ab,";\t €😀\r\n0'), max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=12)
)
SMALL = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


def read(path, width, delimiter=",", quote='"', encoding="utf-8", skip_header=False):
    """(line, problem, text, fields) of every record."""
    names = [f"c{i}" for i in range(width)]
    table = Records(path, names, list(range(width)), delimiter, quote, encoding).reader(skip_header).read_all()
    rows = table.to_pylist()
    return [(r["line"], r["problem"], r["text"], [r[n] for n in names]) for r in rows]


def good(path, width, **options):
    return [(line, fields) for line, problem, _, fields in read(path, width, **options) if problem is None]


def written(table: list[list[str]], end: str = "\n") -> str:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(table)
    return file.getvalue()


@pytest.fixture
def log(tmp_path):
    def write(data: str | bytes, name="log.csv"):
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return tmp_path / name

    return write


@SMALL
@given(TABLES, st.sampled_from(["\n", "\r\n"]))
def test_every_quoted_table_comes_back_with_its_lines(log, table, end):
    text = written(table, end)
    starts, line = [], 1
    for row in table:
        starts.append(line)
        line += sum(cell.count("\n") for cell in row) + 1
    table = [[cell.strip(" \t\r\n") for cell in row] for row in table]
    assert good(log(text), len(table[0])) == list(zip(starts, table, strict=True))


@SMALL
@given(st.text(st.sampled_from('ab,"\n\r é'), max_size=60), st.integers(1, 9), st.booleans())
def test_the_size_of_a_block_changes_nothing(log, text, block, zipped):
    path = log(gzip.compress(text.encode()) if zipped else text)
    whole = read(path, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        assert read(path, 2) == whole


@SMALL
@given(st.text(st.sampled_from('ab,"\n\r é\0'), max_size=80))
def test_no_character_is_lost(log, text):
    """Every line that is not empty belongs to exactly one record, whatever the text is."""
    found = read(log(text), 2)
    starts = [line for line, *_ in found]
    filled = [n for n, line in enumerate(text.split("\n"), 1) if line not in ("", "\r")]
    assert starts == sorted(set(starts)) and set(starts) <= set(filled)
    inner = {line + k for line, _, kept, fields in found for k in range(breaks(fields if kept is None else [kept]) + 1)}
    assert set(filled) <= inner


def breaks(parts: list[str]) -> int:
    """Line ends inside a record: in the fields of a good one, in the text that is kept of a bad one."""
    return sum(part.count("\n") for part in parts)


def test_only_wanted_fields_are_kept_in_any_order(log):
    table = Records(log("a,b,c\n1,2,3\n"), ["third", "first"], [1, -1, 0], ",", '"', "utf-8").reader(False).read_all()
    assert table.select(["first", "third"]).to_pylist() == [{"first": "a", "third": "c"}, {"first": "1", "third": "3"}]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a,b\nc\nd,e\n", 2, "truncated line"),
        ("a,b\nc,d,e\nf,g\n", 2, "too many fields"),
        ('a,b\n"c"d,e\nf,g\n', 2, "text after a closing quote"),
        ('a,b\n"c,d\ne,f\n', 2, "quote never closed"),
        ("a,b\nc\0,d\ne,f\n", 2, "NUL byte"),
        (b"a,b\nc\xff,d\ne,f\n", 2, "not in the encoding"),
        ("a,b\n\n\r\nc\nd,e\n", 4, "truncated line"),
        ("a,b\nc,d", 2, "last line without an end"),
        ("a,b\nc,d\ne", 3, "truncated line"),
    ],
)
def test_one_broken_line_costs_one_line(log, text, line, problem):
    found = read(log(text), 2)
    assert [(n, p) for n, p, *_ in found if p] == [(line, problem)]
    assert all(fields == [None, None] for _, p, _, fields in found if p)
    assert len(found) == len([part for part in log(text).read_bytes().split(b"\n") if part.strip()])


def test_what_is_shown_of_a_broken_line(log):
    assert read(log(b"a\xff\0b\r\n"), 2)[0][2] == "a\\xff\\x00b"
    assert len(read(log("x" * 5000), 2)[0][2]) == records.SHOWN


@pytest.mark.parametrize("quote", ['"', None])
def test_a_line_too_long_to_keep_is_one_record(log, monkeypatch, quote):
    monkeypatch.setattr(blocks, "LONGEST", 100)
    monkeypatch.setattr(blocks, "BLOCK", 64)
    for filler in ("x" * 1000, "x" * 101):
        found = read(log(f"a,b\n{filler}\nc,d\n{filler}"), 2, quote=quote)
        assert [(line, problem) for line, problem, *_ in found] == [
            (1, None), (2, "line too long"), (3, None), (4, "line too long"),
        ]  # fmt: skip


def test_an_open_quote_gives_up_after_a_while(log, monkeypatch):
    monkeypatch.setattr(blocks, "LONGEST", 100)
    monkeypatch.setattr(blocks, "BLOCK", 64)
    text = 'a,b\n"c,d\n' + "e,f\n" * 100 + '"g,h"'
    problems = [(line, problem) for line, problem, *_ in read(log(text), 2) if problem]
    assert problems == [(2, "quote never closed"), (103, "truncated line")]


@pytest.mark.parametrize("middle", ["e,f\n", 'e,7"\nf,g\n', 'e,"f"\n', 'e,"f"x\n'])
def test_a_stray_quote_does_not_take_the_lines_after_it_along(log, middle):
    found = read(log('a,b\n"c,d\n' + middle + 'h,7"\ni,j\n'), 2)
    assert [line for line, *_ in found] == list(range(1, 5 + middle.count("\n")))
    assert (found[1][1], found[0][3], found[-1][3]) == ("quote never closed", ["a", "b"], ["i", "j"])


def test_without_quoting_a_quote_is_text(log):
    assert good(log('"a,b\n'), 2, quote=None) == [(1, ['"a', "b"])]


def test_a_quote_inside_a_field_is_text(log):
    assert good(log('7" pipe,a "b"\n'), 2) == [(1, ['7" pipe', 'a "b"'])]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le"])
def test_encodings(log, encoding):
    path = log("é,b\nc,ü\n".encode(encoding))
    assert good(path, 2, encoding=encoding) == [(1, ["é", "b"]), (2, ["c", "ü"])]


def test_a_byte_order_mark_is_no_text(log):
    assert good(log(b"\xef\xbb\xbfa,b\n"), 2) == [(1, ["a", "b"])]


def test_gzip_members_follow_one_another(log):
    assert good(log(gzip.compress(b"a,b\n") + gzip.compress(b"c,d\n")), 2) == [(1, ["a", "b"]), (2, ["c", "d"])]


def test_a_header_is_skipped_and_counted(log):
    assert read(log("a,b\n1,2\n"), 2, skip_header=True) == [(2, None, None, ["1", "2"])]
