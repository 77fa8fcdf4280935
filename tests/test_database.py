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
