"""The version that the workers of this server took last, kept where only they write, and what each name stood for."""

import os
import shutil
from pathlib import Path

from app import logs
from app.exclusive import exclusive
from app.model.served import ServedModel
from willbuy.files import write_text
from willbuy.models.pointer import champion, promote
from willbuy.models.versions import DamagedModelError, content_digest, versions


class LastGood:
    """A copy in `folder` of the version taken last: a restarted worker serves it if the original is gone or damaged."""

    def __init__(self, folder: Path):
        self._copies, self._contents, self._lock = folder / "last-good", folder / "contents", folder / ".last-good.lock"

    def check(self, path: Path) -> None:
        """Raise DamagedModelError if the version at `path` is not the one that a worker has taken under its name."""
        try:
            before = (self._contents / path.name).read_text()
        except FileNotFoundError:
            return
        if before != content_digest(path):
            raise DamagedModelError(f"{path} is not what served under this name before; save it under another name")

    def keep(self, path: Path) -> None:
        """Let the version at `path`, which a worker has just taken, be the last good one.

        A disk that is full is no reason not to serve it: then the one before stays.
        """
        try:
            with exclusive(self._lock):
                write_text(content_digest(path), self._contents / path.name)
                if self.version != path.name:
                    self._copy(path)
        except OSError as error:
            logs.write("warning", event="no copy of the model was kept", problem=str(error))

    @property
    def version(self) -> str | None:
        """The last good version, None if there is none."""
        try:
            return champion(self._copies)
        except DamagedModelError:
            return None

    def load(self) -> ServedModel | None:
        """The last good version, checked as any other; None if there is none."""
        try:
            return ServedModel.load(self._copies / self.version) if self.version else None
        except (DamagedModelError, OSError) as error:
            logs.write("warning", event="the copy of the last good model cannot be read", problem=str(error))
            return None

    def _copy(self, path: Path) -> None:
        temporary = self._copies / f".{path.name}.{os.getpid()}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(self._copies / path.name, ignore_errors=True)
        shutil.copytree(path, temporary)
        os.replace(temporary, self._copies / path.name)
        promote(self._copies, path.name, "taken by a worker")
        for other in set(versions(self._copies)) - {path.name}:
            shutil.rmtree(self._copies / other, ignore_errors=True)
