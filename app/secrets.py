"""Secrets that come in files, as containers bring them, and may be rotated while the server runs."""

import os
from collections.abc import Mapping
from pathlib import Path

SECRET = ("WILLBUY_API_KEYS", "WILLBUY_STORE")
FILED = tuple(f"{name}_FILE" for name in SECRET)


def filled(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, with what the files hold that a variable of FILED names. Raises ValueError, without a secret."""
    found = dict(environment)
    for name, filed in zip(SECRET, FILED, strict=True):
        if not (path := environment.get(filed)):
            continue
        if environment.get(name):
            raise ValueError(f"{filed}: {name} is set, too; unset one of them")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise ValueError(f"{filed}: {path!r} cannot be read: {getattr(error, 'strerror', 'no UTF-8')}") from None
        if not found[name]:
            raise ValueError(f"{filed}: {path!r} is empty")
    return found


class Watch:
    """Tells when one of the files has changed: those of FILED, and a list of keys that `WILLBUY_API_KEYS` names."""

    def __init__(self, environment: Mapping[str, str]):
        self._paths = [path for name in (*FILED, SECRET[0]) if (path := environment.get(name))]
        self._seen = self._marks()

    def has_changed(self) -> bool:
        """Whether one of them is another than at the last question. One that is away for a moment is none."""
        marks = self._marks()
        changed = any(new not in (None, old) for old, new in zip(self._seen, marks, strict=True))
        self._seen = [new or old for old, new in zip(self._seen, marks, strict=True)]
        return changed

    def _marks(self) -> list[tuple | None]:
        return [_mark(path) for path in self._paths]


def _mark(path: str) -> tuple | None:
    try:
        stat = os.stat(path)
    except (OSError, ValueError):  # gone, or a list of keys and no path
        return None
    return stat.st_mtime_ns, stat.st_ino, stat.st_size
