import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.reading.checksums import verify

WHEN = [f"2024-01-{1 + n % 28:02}T00:00:{n % 60:02}Z" for n in range(200)]


def write(bench, **options) -> bytearray:
    data = {"user": [f"u{n}" for n in range(200)], "item": ["i"] * 200, "kind": ["view"] * 200, "when": WHEN}
    table = pa.table(data | {"price": [n / 4 for n in range(200)]})
    pq.write_table(table, bench.folder / "log.parquet", compression="NONE", use_dictionary=False, **options)
    return bytearray((bench.folder / "log.parquet").read_bytes())


def damaged(data: bytearray, column: int, bench) -> bytes:
    chunk = pq.read_metadata(bench.folder / "log.parquet").row_group(0).column(column)
    at = chunk.data_page_offset + chunk.total_compressed_size // 2
    data[at] ^= 0x41
    return bytes(data)


@pytest.mark.parametrize("options", [{}, {"data_page_version": "2.0"}])
def test_a_damaged_page_with_a_checksum_is_refused(bench, mapping, options):
    whole = write(bench, write_page_checksum=True, **options)
    assert bench.ingest(bytes(whole), mapping, name="log.parquet").events == 200
    write(bench, write_page_checksum=True, **options)
    with pytest.raises(IngestError, match="log.parquet: row group 1 is damaged, by the file's own checksums"):
        bench.ingest(damaged(whole, 4, bench), mapping, name="log.parquet")


def test_a_column_that_is_not_read_may_be_damaged(bench, mapping):
    whole = write(bench, write_page_checksum=True)
    without = mapping.replace(", price: price", "")
    assert bench.ingest(damaged(whole, 4, bench), without, name="log.parquet").events == 200


@pytest.mark.parametrize("with_checksums", [True, False])
def test_a_file_without_checksums_is_read_once(bench, monkeypatch, with_checksums):
    write(bench, write_page_checksum=with_checksums)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: iter([1 / (not with_checksums)]))
    if with_checksums:
        with pytest.raises(ZeroDivisionError):
            verify(bench.folder / "log.parquet", ["price"])
    else:
        verify(bench.folder / "log.parquet", ["price"])
