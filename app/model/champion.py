"""The champion that this worker serves, and how another takes its place without a request noticing."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.model.served import ServedModel
from willbuy.files import atomic
from willbuy.models.versions import CURRENT, VERSION, DamagedModelError, champion, versions

LOCK = ".swap.lock"


class SwapError(Exception):
    """A version that is not taken; the message says why. What served before goes on serving."""


class Champion:
    """Follows `current.json` in the folder `models`: one `os.stat` a call of `current`, a load when it has changed."""

    def __init__(self, models: Path, on_load: Callable[[ServedModel | None, str], None]):
        """`on_load` is told of every load: the model and "", or None and why it failed."""
        self._models, self._on_load = models, on_load
        self._pointer = os.fspath(models / CURRENT)
        self._seen: tuple | None = None
        self._model: ServedModel | None = None
        self._lock = threading.Lock()
        self.problem = f"there is no {models / CURRENT}: build a model first"

    def current(self) -> ServedModel | None:
        """The model that `current.json` names now; the last good one if that fails its checks; None without any."""
        seen = self._stat()
        if seen == self._seen:
            return self._model
        # All threads wait here: a request that comes after a swap must not be answered by the old model.
        with self._lock:
            if seen != self._seen:
                self._follow()
                self._seen = seen
        return self._model

    @property
    def gap_us(self) -> int | None:
        """The longest gap inside a session, as the champion was trained; None without a champion."""
        model = self.current()
        return model.gap_us if model else None

    def swap(self, version: str) -> ServedModel:
        """Make `version` the champion of every worker, if it passes its checks.

        Raises SwapError. Swaps of all workers happen one after another.
        """
        if not VERSION.fullmatch(version) or version not in versions(self._models):
            raise SwapError(f"there is no version {version!r}; there are {', '.join(versions(self._models)) or 'none'}")
        with self._exclusive():
            model = self._load(version)
            if champion(self._models) != version:
                self._point_to(version)
        self.current()
        return model

    def _stat(self) -> tuple | None:
        try:
            stat = os.stat(self._pointer)
        except OSError:
            # A pointer that went away changes nothing: the last good model goes on.
            return self._seen
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def _follow(self) -> None:
        try:
            version = json.loads(Path(self._pointer).read_bytes())["version"]
            if not isinstance(version, str) or not VERSION.fullmatch(version):
                raise SwapError(f"{self._pointer} names no version")
            self._model, self.problem = self._load(version), ""
        except (SwapError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            self.problem = str(error)

    def _load(self, version: str) -> ServedModel:
        if self._model is not None and self._model.version == version:
            return self._model
        try:
            model = ServedModel.load(self._models / version)
        except (DamagedModelError, OSError) as error:
            self._on_load(None, str(error))
            raise SwapError(str(error)) from error
        self._on_load(model, "")
        return model

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        with (self._models / LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _point_to(self, version: str) -> None:
        with atomic(self._pointer) as temporary:
            temporary.write_text(json.dumps({"version": version, "reason": "asked for by /load-model"}) + "\n")
            # The file system's clock ticks every few milliseconds; two swaps within one must look different.
            now = time.time_ns()
            os.utime(temporary, ns=(now, now))
