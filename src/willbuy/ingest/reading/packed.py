"""Files that are compressed, read as what is inside; the first bytes show how they are packed."""

import gzip
import zlib
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from willbuy.ingest.errors import IngestError, about

GZIP = "gzip"
# The first bytes of each, and what pyarrow calls it.
PACKINGS = {b"\x1f\x8b": GZIP, b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4", b"BZh": "bz2"}
ERRORS = (EOFError, OSError, zlib.error)


def unpacked(path: Path) -> IO[bytes] | Any:
    """The file at `path` opened for reading bytes: those inside, if it is compressed. Raises one of ERRORS."""
    with open(path, "rb") as file:
        head = file.read(4)
    packing = next((name for magic, name in PACKINGS.items() if head.startswith(magic)), None)
    if packing == GZIP:
        return gzip.open(path)
    return pa.input_stream(str(path), compression=packing) if packing else open(path, "rb")


def unreadable(path: Path, error: BaseException) -> IngestError:
    """What an error of ERRORS means."""
    if isinstance(error, EOFError) or "Truncated" in str(error):
        return about(path, "the compressed file is cut off: fetch it again, or unpack what there is")
    return about(path, f"cannot be read to its end: {error}")
