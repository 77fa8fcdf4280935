import gzip
import os

import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.reading.locate import beside, file_type, find


@pytest.fixture
def folder(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text("x\n")
    (tmp_path / "sub.csv").mkdir()
    return tmp_path


def names(paths):
    return [path.name for path in paths]


def test_a_path_a_list_and_a_glob(folder):
    assert names(find(folder / "a.csv")) == ["a.csv"]
    assert names(find([folder / "b.csv", str(folder / "a.csv")])) == ["b.csv", "a.csv"]
    assert names(find(str(folder / "*.csv"))) == ["a.csv", "b.csv"], "sorted, without the folder of that name"


def test_a_list_given_as_text(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for name in ("d, e.csv", "f g.csv"):
        (folder / name).write_text("x\n")
    assert names(find("[b.csv,a.csv]")) == ["b.csv", "a.csv"]
    assert names(find('[ f g.csv, "d, e.csv" ,c*]')) == ["f g.csv", "d, e.csv", "c.txt"]
    with pytest.raises(IngestError, match="e.csv: no such file"):
        find("[f g.csv, e.csv]")
    with pytest.raises(IngestError, match=r"'\[b.csv,,a.csv\]' holds an empty name"):
        find("[b.csv,,a.csv]")
    (folder / "[b]").write_text("x\n")
    assert names(find("[b]")) == ["[b]"], "a name first"


def test_files_beside_a_log(folder):
    log = folder / "c.txt"
    assert names(beside(log, ["b.csv", "*.csv", "nope*"])) == ["b.csv", "a.csv"], "each once"
    assert beside(log, []) == beside(log, ["nope.csv"]) == ()
    odd = folder / "a[1]"
    odd.mkdir()
    (odd / "items[2].csv").write_text("x\n")
    assert beside(odd / "log.csv", ["items[2].csv"]) == beside(odd / "log.csv", ["i*"]) == (odd / "items[2].csv",)


def test_a_name_with_brackets_is_a_name_first(folder):
    (folder / "log[1].csv").write_text("x\n")
    assert names(find(folder / "log[1].csv")) == ["log[1].csv"]


def test_a_folder_is_all_the_files_in_it_but_those_that_are_no_data(folder):
    for name in ("sub.csv/day=2/b", "sub.csv/day=1/z", "sub.csv/_SUCCESS", "sub.csv/.crc", "sub.csv/_tmp/x"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x\n")
    assert names(find(folder / "sub.csv")) == ["z", "b"]
    assert names(find(folder)) == ["a.csv", "b.csv", "c.txt", "z", "b"]


def test_files_that_are_no_data_or_empty_do_no_harm_unless_they_are_named(folder):
    (folder / "_SUCCESS").write_text("x")
    (folder / "empty.csv").write_text("")
    (folder / "empty.csv.gz").write_bytes(gzip.compress(b"", mtime=0))
    assert names(find(str(folder / "*"))) == ["a.csv", "b.csv", "c.txt"]
    assert names(find(folder / "_SUCCESS")) == names(find(str(folder / "_S*"))) == ["_SUCCESS"]
    assert names(find(folder / "empty.csv")) == ["empty.csv"], "which will be refused"


@pytest.mark.parametrize(
    ("sign", "said"), [("_delta_log/0.json", "Delta Lake"), ("metadata/v1.metadata.json", "Iceberg")]
)
def test_a_table_of_a_lake_is_no_folder_of_files(folder, sign, said):
    """Its files include those whose rows have been deleted."""
    (folder / sign).parent.mkdir()
    (folder / sign).write_text("{}")
    with pytest.raises(IngestError, match=said):
        find(folder)


@pytest.mark.parametrize("nothing", ["", " ", None, [], [""]])
def test_no_log_at_all(nothing):
    with pytest.raises(IngestError, match="log is empty"):
        find(nothing)


def test_what_is_not_there(folder):
    for absent in ("nope.csv", "nope*.csv"):
        with pytest.raises(IngestError, match="no such file"):
            find(folder / absent)
    with pytest.raises(IngestError, match="no file in this folder"):
        find(folder / "sub.csv")
    with pytest.raises(IngestError, match="named twice"):
        find([folder / "a.csv", str(folder / "*.csv")])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n", "csv"),
        (b'\n {"a": 1}\n', "json_lines"),
        (b'\xef\xbb\xbf{"a": 1}\n', "json_lines"),
        (b"PAR1....PAR1", "parquet"),
        (gzip.compress(b"a,b\n", mtime=0), "csv"),
        (gzip.compress(b'{"a": 1}', mtime=0), "json_lines"),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(tmp_path, data, expected):
    (tmp_path / "log").write_bytes(data)
    assert file_type(tmp_path / "log", None, "utf-8") == expected


def test_the_mapping_has_the_last_word_on_text(tmp_path):
    (tmp_path / "log").write_bytes(b"{a},b\n")
    assert file_type(tmp_path / "log", "csv", "utf-8") == "csv"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("log", b"", "is empty"),
        ("log", b"\n \n", "is empty"),
        ("log", gzip.compress(b"", mtime=0), "is empty"),
        ("log", b"\x1f\x8b", "cannot be read"),
        ("log", b"PK\x03\x04....", "zip archive"),
        ("log", b"\x28\xb5\x2f\xfd....", "cannot be read"),
        ("log", b"SQLite format 3\0", "SQLite"),
        ("log", b'[{"a": 1}]', "JSON array.*jq"),
        ("log", "a,b\n".encode("utf-16"), "encoding: utf-16"),
        ("log.parquet", b"a,b\n", "should be parquet by its name or mapping"),
    ],
)
def test_what_is_no_log_is_said(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(IngestError, match=said) as error:
        file_type(tmp_path / name, None, "utf-8")
    assert str(tmp_path / name) in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(folder):
    (folder / "a.csv").chmod(0)
    with pytest.raises(IngestError, match="cannot be read"):
        file_type(folder / "a.csv", None, "utf-8")
