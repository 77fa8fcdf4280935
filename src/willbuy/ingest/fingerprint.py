"""The fingerprint of a log: when it or its mapping changes, the task that reads it is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from willbuy.ingest.errors import IngestError
from willbuy.ingest.mapping.mapping import load
from willbuy.ingest.reading.locate import find


def of_log(log: str | Path | Iterable[str | Path], log_format: str | Path) -> str:
    """A hash over the mapping and over the name, size and time of change of every file of the log.

    The log itself is not read: it may be large, and this is asked at every build. What cannot be found or understood
    counts by its error, which the task itself will raise.
    """
    return hashlib.sha256("\n".join(_marks(log, log_format)).encode()).hexdigest()[:16]


def _marks(log, log_format) -> Iterator[str]:
    try:
        mapping, paths = load(log_format), find(log)
        yield repr(mapping)
    except IngestError as error:
        yield str(error)
        return
    near = paths[0].parent
    beside = [path for part in (mapping.items.log if mapping.items else ()) for path in sorted(near.glob(part))]
    for path in (*paths, *beside):
        status = path.stat()
        yield f"{path} {status.st_size} {status.st_mtime_ns}"
