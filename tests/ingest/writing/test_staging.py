import pytest

from willbuy.ingest.reading.records import Records


def test_a_record_that_gets_lost_on_the_way_is_noticed(bench, header, rows, mapping, monkeypatch):
    whole = Records._batches
    monkeypatch.setattr(Records, "_batches", lambda self, *rest: (b.slice(1) for b in whole(self, *rest)))
    assert bench.ingest(header + rows(9), mapping).rows == 8, "what was never read cannot be missed"
    reader = Records.reader

    def overcount(self, skip_header):
        self.count = 1
        return reader(self, skip_header)

    monkeypatch.setattr(Records, "reader", overcount)
    with pytest.raises(AssertionError, match=r"log.csv: 9 records were read, but 8 staged"):
        bench.ingest(header + rows(9), mapping)


def test_the_timezone_of_one_file_is_not_that_of_the_next(bench, header, mapping):
    zoned = mapping + 'files:\n  "a*": {timezone: Asia/Tokyo}\n  "*": {}\n'
    paths = [bench.write(header + f"u,{name},view,2024-01-01T12:00:00,1\n", f"{name}.csv") for name in "ab"]
    bench.read(paths, zoned)
    assert {item: time.hour for item, time in bench.values("events", "item_id", "timestamp")} == {"a": 3, "b": 12}
