"""The checksums of a Parquet file's pages, if it has any: DuckDB reads past them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from willbuy.ingest.errors import about

# Thrift's compact protocol: the first fields of a page's header are four whole numbers, if the fourth, the checksum,
# is there. Each has this byte before it: one field further, a 32-bit number.
NUMBER = 0x15


def verify(path: Path, columns: list[str] | None) -> None:
    """Read `columns` (None: all) of a file with checksums and compare. Raises IngestError for a damaged page."""
    file = pq.ParquetFile(path, page_checksum_verification=True)
    if file.metadata.num_row_groups == 0 or not _has_checksums(path, file.metadata):
        return
    for number in range(file.metadata.num_row_groups):
        try:
            for _ in file.iter_batches(row_groups=[number], columns=columns):
                pass
        except (OSError, pa.ArrowException) as error:
            said = str(error).splitlines()[0]
            raise about(path, f"row group {number + 1} is damaged, by the file's own checksums: {said}") from None


def _has_checksums(path: Path, metadata: pq.FileMetaData) -> bool:
    chunk = metadata.row_group(0).column(0)
    begins = [at for at in (chunk.dictionary_page_offset, chunk.data_page_offset) if at]
    with open(path, "rb") as file:
        file.seek(min(begins))
        header = file.read(64)
    at = 0
    for _ in range(3):  # type, size unpacked, size packed
        if header[at] != NUMBER:
            return False
        at += 1
        while header[at] & 0x80:
            at += 1
        at += 1
    return header[at] == NUMBER
