"""Who is excluded is in no product, whatever is wrong with the rows."""

import pyarrow.parquet as pq
import pytest

from willbuy.ingest.errors import IngestError
from willbuy.ingest.fingerprint import of_log

MAPPING = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when, price: price}
event_types: {view: view, buy: purchase}
timestamp: iso8601
"""
ROWS = [
    "secret-1,only,view,2024-01-01,1",
    "secret-1,i,view,2024-01-01,-5",  # a remark
    "secret-1,i,view,never secret-1,1",  # quarantined, and its text tells
    "secret-1,i,view,2019-01-01,1",  # far from all others
    "secret-2,i,buy,2024-01-02,1",
    *(f"u,i,view,2024-01-{day:02},1" for day in range(1, 29)),
    "u,i,view,never,1",
]


@pytest.fixture
def data():
    return "user,item,kind,when,price\n" + "\n".join(ROWS) + "\n"


def test_nobody_of_the_list_is_in_any_product(bench, data):
    path = bench.write("secret-1\n\n  secret-2 \nnobody\n", "users.txt")
    ledger = bench.ingest(data, MAPPING, exclude_users=path)
    assert (ledger.events, ledger.ignored, ledger.quarantined_rows) == (28, {"(excluded users)": 5}, 1)
    ledger.check()
    assert bench.values("users", "user_id") == ["u"] and bench.values("items", "item_id") == ["i"]
    assert not ledger.remarks
    for table in bench.out.glob("*.parquet"):
        assert "secret" not in str(pq.read_table(table).to_pylist()), table.name


def test_without_a_list_all_stay(bench, data):
    assert bench.ingest(data, MAPPING).events == 28 + 4


def test_a_list_that_is_not_there_is_named(bench, data):
    with pytest.raises(IngestError, match="exclude_users: nowhere.txt: No such file"):
        bench.ingest(data, MAPPING, exclude_users="nowhere.txt")


def test_another_list_makes_another_build(bench, data):
    log, mapping = bench.write(data), bench.write(MAPPING, "mapping.yaml")
    path = bench.write("secret-1\n", "users.txt")
    before = of_log(log, mapping, path)
    bench.write("secret-2\n", "users.txt")
    assert len({before, of_log(log, mapping, path), of_log(log, mapping)}) == 3
