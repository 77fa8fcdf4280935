import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from willbuy.files import atomic, parquet_writer, write_table, write_text

TABLE = pa.table({"n": [1, 2, 3]})


def test_a_file_appears_whole(tmp_path):
    write_table(TABLE, tmp_path / "deep" / "table.parquet")
    assert pq.read_table(tmp_path / "deep" / "table.parquet") == TABLE
    assert [p.name for p in tmp_path.rglob("*.*")] == ["table.parquet"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    write_text("old", tmp_path / "note.txt")
    with pytest.raises(RuntimeError), atomic(tmp_path / "note.txt") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert (tmp_path / "note.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_parquet_write_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), parquet_writer(tmp_path / "t.parquet", TABLE.schema) as writer:
        writer.write_table(TABLE)
        raise RuntimeError
    assert not list(tmp_path.iterdir())
