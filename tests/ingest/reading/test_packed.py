import bz2
import gzip

import pyarrow as pa
import pytest

from willbuy.ingest import IngestError

PACKINGS = ["gzip", "zstd", "lz4", "bz2"]


def packed(data: bytes, how: str) -> bytes:
    if how == "gzip":
        return gzip.compress(data, mtime=0)
    return bz2.compress(data) if how == "bz2" else bytes(pa.compress(data, codec=how, asbytes=True))


@pytest.mark.parametrize("how", PACKINGS)
def test_a_packed_log_is_what_is_inside(bench, header, rows, mapping, how):
    with pa.OSFile(str(bench.folder / "log"), "wb") as file:
        if how in ("zstd", "lz4"):
            with pa.CompressedOutputStream(file, how) as stream:
                stream.write((header + rows(3000)).encode())
        else:
            file.write(packed((header + rows(3000)).encode(), how))
    assert bench.read(bench.folder / "log", mapping).events == 3000
    whole = (bench.folder / "log").read_bytes()
    with pytest.raises(IngestError, match="log: "):
        bench.ingest(whole[: len(whole) * 2 // 3], mapping, name="log")
