import pyarrow as pa
import pytest

from willbuy.ingest import IngestError

MAPPING = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: day, category: shop}
event_types: {view: view}
timestamp: "%Y-%m-%d"
path: day={day}/{shop}-log
"""


def test_a_path_says_what_a_mapping_reads_from_it(bench):
    for day, shop, user in (("2024-01-01", "north%20east", "a"), ("2024-01-02", "south", "b")):
        bench.write(f"user,item,kind\n{user},i{user},view\n", f"day={day}/{shop}-log.csv")
    bench.read(str(bench.folder / "day=*/*.csv"), MAPPING)
    assert [f"{time:%m-%d}" for time in bench.values("events", "timestamp")] == ["01-01", "01-02"]
    assert bench.values("items", "item_id", "category") == [("ia", "north east"), ("ib", "south")]


def test_a_folder_of_parquet(bench):
    for day in (1, 2):
        table = pa.table({"user": ["u"], "item": ["i"], "kind": ["view"]})
        bench.write(table, f"lake/day=2024-01-0{day}/shop-log.parquet")
        (bench.folder / "lake/_SUCCESS").touch()
    assert bench.read(bench.folder / "lake", MAPPING).events == 2


def test_a_path_that_does_not_say_it_is_refused(bench):
    with pytest.raises(IngestError, match=r"log.csv: its path has no 'day=\{day\}/\{shop\}-log'.*\['day', 'shop'\]"):
        bench.ingest("user,item,kind\nu,i,view\n", MAPPING)
    with pytest.raises(IngestError, match="path: names columns in braces"):
        bench.ingest("user,item,kind\nu,i,view\n", MAPPING.replace("day={day}/{shop}-log", "logs"))
