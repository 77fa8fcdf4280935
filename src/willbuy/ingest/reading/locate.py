"""The files that a log consists of, and the type of each."""

import codecs
import csv
import glob
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from willbuy.ingest.errors import IngestError, about
from willbuy.ingest.mapping.layout import CSV, JSON_LINES, PARQUET
from willbuy.ingest.reading import remote
from willbuy.ingest.reading.packed import ERRORS, unpacked

BOM = codecs.BOM_UTF8
HEAD = 4096  # bytes that show what a file is
TINY = 200  # bytes of a packed file that may hold nothing
# The first bytes of files that are no log, what they are, and what to do about it.
FOREIGN = {
    b"PK\x03\x04": "a zip archive (or a spreadsheet); unpack it",
    b"\xfd7zXZ": "xz-compressed; decompress it",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"SQLite format 3": "an SQLite database; export its table as CSV",
    b"Obj\x01": "Avro; export it as Parquet",
    b"ORC": "ORC; export it as Parquet",
    b"\xd0\xcf\x11\xe0": "an old Office document; save it as CSV",
}

LAKES = {
    "_delta_log": ("Delta Lake", "export it, or read its current version through `select`"),
    "metadata/*.metadata.json": ("Iceberg", "export it"),
}


def find(log: str | Path | Iterable[str | Path], scratch: Path | None = None) -> tuple[Path, ...]:
    """The files that `log` (paths, folders and globs, one or a list) names, in the order given; by name in each.

    What lives elsewhere is copied into `scratch`, or left out without one. Empty files are left out if others are not.
    Raises IngestError if nothing is given or a part is empty, and for no match and a file that is named twice.
    """
    parts = _parts(log)
    if not all(parts):
        what = "log is empty" if not any(parts) else f"log = {log!r} holds an empty name"
        raise IngestError(f"{what}: give the path of a log, a list of paths, or a glob such as logs/*.csv.gz")
    found = [path for part in parts for path in _matches(part, scratch)]
    if twice := [path for path, count in Counter(found).items() if count > 1]:
        raise about(twice[0], "this file is named twice in log")
    # A day without any event may leave an empty file.
    return tuple([path for path in found if not _is_empty(path)] or found)


def remote_parts(log: str | Path | Iterable[str | Path]) -> list[str]:
    """The parts of `log` that live elsewhere."""
    return [part for part in _parts(log) if remote.is_remote(part)]


def _parts(log: str | Path | Iterable[str | Path]) -> list[str]:
    """What `log` names, one or a list; text in brackets is a list, as a command line has it: [a.csv, "b, c.csv"]."""
    if isinstance(log, str) and log.startswith("[") and log.endswith("]") and not Path(log).exists():
        log = next(csv.reader([log[1:-1]], skipinitialspace=True), [])
    parts = [log] if isinstance(log, str | Path) else list(log or ())
    return [str(part).strip() for part in parts] or [""]


def _matches(part: str, scratch: Path | None) -> list[Path]:
    if remote.is_remote(part):
        remote.require(part)
        return remote.fetch(part, scratch) if scratch else []
    path = Path(part).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        found, problem = _inside(path), "there is no file in this folder"
    else:
        found = [file for file in _files(str(path)) if not _is_aside(file.name) or _is_aside(path.name)]
        problem = f"no such file; a relative path counts from {Path.cwd()}"
    if not found:
        raise about(path, problem)
    return found


def _inside(folder: Path) -> list[Path]:
    """All files in a folder and in those in it, by name. Raises IngestError for a table of a lake."""
    for sign, (table, advice) in LAKES.items():
        if next(folder.glob(sign), None):
            raise about(folder, f"is a table of {table}, whose files include those of rows that are gone; {advice}")
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(file for file in files if not any(map(_is_aside, file.relative_to(folder).parts)))


def _is_empty(path: Path) -> bool:
    """Is there nothing in the file, or nothing packed in it?"""
    return path.stat().st_size < TINY and not _head(path).strip()


def _is_aside(name: str) -> bool:
    """Is this no data to Spark and Hive, such as `_SUCCESS`?"""
    return name.startswith(("_", "."))


def beside(log: Path, parts: Iterable[str]) -> tuple[Path, ...]:
    """The files in the folder of `log` that `parts` (names or globs) name, if any, each once."""
    return tuple(dict.fromkeys(path for part in parts for path in _files(part, log.parent)))


def _files(part: str, folder: Path = Path()) -> list[Path]:
    """The file called `part`, or else those that it matches as a glob, by name."""
    if (folder / part).is_file():
        return [folder / part]
    return [folder / n for n in sorted(glob.glob(part, root_dir=folder, recursive=True)) if (folder / n).is_file()]


def file_type(path: Path, declared: str | None, encoding: str) -> str:
    """The type of the file at `path`: `csv`, `json_lines` or `parquet`, by its first bytes unless `declared`.

    Raises IngestError for an empty file, a file that cannot be read, and one of another type.
    """
    head = _head(path)
    for magic, meaning in FOREIGN.items():
        if head.startswith(magic):
            raise about(path, f"this is {meaning}. A log is CSV or JSON lines, plain or compressed, or Parquet")
    if not head.removeprefix(BOM).strip():
        raise about(path, "the file is empty")
    said = PARQUET if declared is None and path.suffix == ".parquet" else declared
    if head.startswith(b"PAR1") != (said == PARQUET) and said is not None:
        raise about(path, f"should be {said} by its name or mapping, but begins with {head[:16]!r}")
    if head.startswith(b"PAR1"):
        return PARQUET
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and not encoding.lower().startswith("utf-16"):
        raise about(path, f"begins like UTF-16 text, and the mapping says encoding {encoding}; set `encoding: utf-16`")
    return declared or _text_type(path, head.removeprefix(BOM).lstrip())


def _head(path: Path) -> bytes:
    try:
        with unpacked(path) as file:
            return file.read(HEAD)
    except ERRORS as error:
        raise about(path, f"cannot be read: {error}") from None


def _text_type(path: Path, head: bytes) -> str:
    if head.startswith(b"["):
        raise about(path, "begins like a JSON array; give one object a line (jq -c '.[]' does it), or set `file_type`")
    return JSON_LINES if head.startswith(b"{") else CSV
