import warnings
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from limits import limited
from logs import at, events_table

from willbuy.database import connect, copy_to_parquet, query
from willbuy.files import write_table


def test_a_query_answers_from_a_file_with_times_in_utc(tmp_path):
    write_table(events_table([("a", "x", "view", 7)]), tmp_path / "it's.parquet")
    with warnings.catch_warnings(action="error"):
        answer = query("SELECT timestamp FROM read_parquet($file)", file=tmp_path / "it's.parquet")
    assert answer.timestamp[0].to_pydatetime() == at(7)
    twice = query("SELECT count(*) AS n FROM read_parquet($files)", files=[tmp_path / "it's.parquet"] * 2)
    assert twice.n[0] == 2


def test_a_query_that_fails_leaves_no_file_and_no_scratch(tmp_path):
    with connect(tmp_path) as connection, pytest.raises(duckdb.Error):
        copy_to_parquet(connection, "SELECT error('half way') FROM range($n)", tmp_path / "out.parquet", {"n": 9})
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_more_rows_than_memory_spill_to_disk(tmp_path):
    with limited(memory_limit="100MB", threads=1), connect(tmp_path) as connection:
        rows = "SELECT hash(range) AS h, repeat('x', 20) AS pad FROM range($n) ORDER BY h"
        copy_to_parquet(connection, rows, tmp_path / "out.parquet", {"n": 3_000_000})
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 3_000_000
    assert [Path(p).name for p in tmp_path.iterdir()] == ["out.parquet"]


def test_a_file_is_the_one_of_that_very_name_whatever_lies_beside_it(tmp_path):
    for n, name in enumerate(["log1", "log[1]", "log*", "log?"]):
        write_table(events_table([(f"u{n}", "x", "view", 7)]), tmp_path / f"run[1]/{name}.parquet")
        user = query("SELECT user_id FROM read_parquet($file)", file=str(tmp_path / f"run[1]/{name}.parquet"))
        assert user.user_id.tolist() == [f"u{n}"]
    with connect(tmp_path / "run[1]") as connection:
        copy_to_parquet(connection, "SELECT $n AS n", tmp_path / "run[1]/out[1].parquet", {"n": "run[1]"})
    assert query("SELECT n FROM read_parquet($file)", file=tmp_path / "run[1]/out[1].parquet").n[0] == "run[1]"


def test_a_folder_named_like_a_column_says_nothing_about_the_file_in_it(tmp_path):
    path = tmp_path / "user_id=alice/price=9/log.parquet"
    write_table(events_table([("bob", "x", "view", 7)]), path)
    read = query("SELECT * FROM read_parquet($files)", files=[path])
    assert (read.user_id[0], len(read.columns)) == ("bob", 6) and read.price.isna().all()


def test_rows_may_be_numbered(tmp_path):
    write_table(events_table([("a", "x", "view", 7), ("b", "x", "view", 8)]), tmp_path / "log.parquet")
    rows = query("SELECT file_row_number AS n FROM read_parquet($f, numbered := true)", f=tmp_path / "log.parquet")
    assert rows.n.tolist() == [0, 1]


@pytest.mark.parametrize("file", ["https://localhost:9/x.parquet", "s3://bucket/x.parquet", "x.xlsx"])
def test_nothing_is_fetched(tmp_path, file):
    """Not even an extension that a query names."""
    with connect(tmp_path) as connection:
        found = "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known%' OR name LIKE '%community%'"
        assert {value for _, value in connection.execute(found).fetchall()} == {"false"}
        with pytest.raises(duckdb.Error, match=r"xtension|No files|not exist"):
            connection.execute(f"FROM '{file}'")
