"""Which files a log is, and what each of them is made of."""

from __future__ import annotations

import glob
import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

from willbuy.ingest.errors import IngestError, at

CSV, JSON_LINES, PARQUET = "csv", "json_lines", "parquet"
HEAD = 4096
GZIP = b"\x1f\x8b"
# First bytes of what people take for a log, and what to do about it.
FOREIGN = {
    b"PK\x03\x04": "a zip archive (or a spreadsheet); unpack it",
    b"\x28\xb5\x2f\xfd": "zstd-compressed; decompress it",
    b"BZh": "bzip2-compressed; decompress it",
    b"\xfd7zXZ": "xz-compressed; decompress it",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"SQLite format 3": "an SQLite database; export its table as CSV",
    b"Obj\x01": "Avro; export it as Parquet",
    b"ORC": "ORC; export it as Parquet",
    b"\xd0\xcf\x11\xe0": "an old Office document; save it as CSV",
}


def find(log: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    """The files that `log` (a path, a list of paths, a glob) names, in the order given, a glob's by name.

    Raises IngestError for nothing given, no match, a folder and a file named twice.
    """
    parts = [log] if isinstance(log, str | Path) else list(log or ())
    if not any(str(part).strip() for part in parts):
        raise IngestError("log is empty: give the path of a log, a list of paths, or a glob such as logs/*.csv.gz")
    found = [path for part in parts for path in _matches(str(part).strip())]
    for path in found:
        if found.count(path) > 1:
            raise at(path, "this file is named twice in log")
    return tuple(found)


def _matches(part: str) -> list[Path]:
    path = Path(part).expanduser()
    if path.is_dir():
        raise at(path, "is a folder; name the files in it, for instance with a glob such as " + str(path / "*.csv"))
    if path.is_file():
        return [path]
    found = [Path(p) for p in sorted(glob.glob(str(path), recursive=True)) if Path(p).is_file()]
    if not found:
        raise at(path, f"no such file; a relative path counts from {Path.cwd()}")
    return found


def kind(path: Path, declared: str | None, encoding: str) -> str:
    """What the file at `path` holds: `csv`, `json_lines` or `parquet`, by its first bytes unless `declared`.

    Raises IngestError for an empty file, a file that cannot be read, and one that is plainly something else.
    """
    head = _head(path)
    for magic, meaning in FOREIGN.items():
        if head.startswith(magic):
            raise at(path, f"this is {meaning}. A log is CSV, gzipped CSV, JSON lines or Parquet")
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise at(path, "the file is empty")
    said = PARQUET if declared is None and path.suffix == ".parquet" else declared
    if head.startswith(b"PAR1") != (said == PARQUET) and said is not None:
        raise at(path, f"should be {said} by its name or mapping, but begins with {head[:16]!r}")
    if head.startswith(b"PAR1"):
        return PARQUET
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and not encoding.lower().startswith("utf-16"):
        raise at(path, f"begins like UTF-16 text, and the mapping says encoding {encoding}; set `encoding: utf-16`")
    return declared or _text_kind(path, head.removeprefix(b"\xef\xbb\xbf").lstrip())


def _head(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
        if not head.startswith(GZIP):
            return head
        with gzip.open(path) as file:
            return file.read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise at(path, f"cannot be read: {error}") from None


def _text_kind(path: Path, head: bytes) -> str:
    if head.startswith(b"["):
        raise at(path, "begins like a JSON array; give one object a line (jq -c '.[]' does it), or set `file_type`")
    return JSON_LINES if head.startswith(b"{") else CSV
