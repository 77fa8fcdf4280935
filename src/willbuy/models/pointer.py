"""The pointer to the champion: `current.json` beside the version directories, read and written here alone."""

import json
import os
from pathlib import Path

from willbuy.files import atomic
from willbuy.models.versions import CARD, VERSION, DamagedModelError, versions

POINTER = "current.json"


def promote(directory: str | Path, version: str, reason: str) -> None:
    """Point at `version` in `directory`, in one step.

    Raises FileNotFoundError if there is no such version.
    """
    pointer = Path(directory) / POINTER
    if not (Path(directory) / version / CARD).exists():
        raise FileNotFoundError(f"{directory} holds no version {version!r}; it holds {versions(directory)}")
    with atomic(pointer) as temporary:
        temporary.write_text(json.dumps({"version": version, "reason": reason}, indent=2) + "\n", encoding="utf-8")
        if pointer.exists():
            # The file system's clock ticks every few milliseconds; two pointers within one tick must look different.
            time = max(temporary.stat().st_mtime_ns, pointer.stat().st_mtime_ns + 1)
            os.utime(temporary, ns=(time, time))


def champion(directory: str | Path) -> str | None:
    """The version in `directory` that is pointed at; None if nothing was promoted yet.

    Raises DamagedModelError if the pointer names no version.
    """
    pointer = Path(directory) / POINTER
    try:
        version = json.loads(pointer.read_bytes())["version"]
        if VERSION.fullmatch(version):
            return version
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise DamagedModelError(f"{pointer} names no version; promote one of {versions(directory)}")
