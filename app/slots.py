"""Files of the state folder that each belong to one running worker: `name-0`, `name-1` and so on."""

import fcntl
import os
from pathlib import Path
from typing import BinaryIO

MOST_WORKERS = 256


def claim(folder: Path, name: str) -> tuple[int, BinaryIO]:
    """The first number whose file no running worker holds, and that file, held until it is closed or the process ends.

    What a worker that has ended left in it is still there. Raises RuntimeError if MOST_WORKERS are running.
    """
    for number in range(MOST_WORKERS):
        opened = os.open(folder / f"{name}-{number}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        file = os.fdopen(opened, "r+b", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        return number, file
    raise RuntimeError(f"{folder} holds the files of {MOST_WORKERS} living workers; run fewer")


def numbered(folder: Path, name: str) -> list[tuple[int, Path]]:
    """The files of that name, also of workers that have ended, by number."""
    return sorted((int(path.name.removeprefix(f"{name}-")), path) for path in folder.glob(f"{name}-*"))


def is_held(path: Path) -> bool:
    """Whether a running worker holds the file."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
