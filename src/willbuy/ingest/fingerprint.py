"""The fingerprint of a log: when it or its mapping changes, the task that reads it is out of date."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from willbuy.ingest.errors import IngestError
from willbuy.ingest.judging.excluded import listed
from willbuy.ingest.mapping.mapping import load
from willbuy.ingest.reading import remote
from willbuy.ingest.reading.locate import beside, find, remote_parts


def of_log(log: str | Path | Iterable[str | Path], log_format: str | Path, exclude_users: str | Path = "") -> str:
    """A hash over the mapping, the users left out, and the name, size and time of change of every file of the log.

    The log itself is not read: it may be large, and every build asks. A log that cannot be found and a mapping that
    cannot be read count by their error, which the task itself will raise.
    """
    marks = [*_marks(log, log_format), *_excluded(exclude_users)]
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:16]


def _excluded(path: str | Path) -> Iterator[str]:
    try:
        yield from listed(path)
    except IngestError as error:
        yield str(error)


def _marks(log, log_format) -> Iterator[str]:
    try:
        mapping, paths = load(log_format), find(log)
        yield repr(mapping)
    except IngestError as error:
        yield str(error)
        return
    patterns = [kind.log for kind in mapping.items]
    patterns += [files for layout in mapping.layouts.values() for files in layout.tables.values()]
    yield from _elsewhere(log)
    for path in (*paths, *(path for names in patterns for path in (beside(paths[0], names) if paths else ()))):
        status = path.stat()
        yield f"{path} {status.st_size} {status.st_mtime_ns}"


def _elsewhere(log) -> Iterator[str]:
    for part in remote_parts(log):
        try:
            yield from remote.marks(part)
        except IngestError as error:
            yield str(error)
