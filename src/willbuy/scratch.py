"""Folders for what is only needed for a while: gone with the block, or with the next one after a process was killed."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"


@contextmanager
def scratch(prefix: str, parent: str | Path) -> Iterator[Path]:
    """A new folder in `parent` whose name begins with `prefix`, removed at the end.

    Those of killed processes are removed too: the system drops the lock of a process with it.
    """
    Path(parent).mkdir(parents=True, exist_ok=True)
    for left in Path(parent).glob(f"{prefix}*"):
        _remove_if_left(left)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as folder, open(Path(folder) / LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(folder)


def _remove_if_left(folder: Path) -> None:
    try:
        with open(folder / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # it is in use, it has just begun, or it is somebody else's
        return
