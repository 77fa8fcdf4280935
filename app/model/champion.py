"""The champion that this worker serves, and how another takes its place without a request noticing."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.model.served import ServedModel
from willbuy.models.pointer import POINTER, champion, promote
from willbuy.models.versions import DamagedModelError, versions

LOCK = ".swap.lock"


class SwapError(Exception):
    """A version that is refused; the message says why. The model that served before goes on serving."""


class Champion:
    """Follows `current.json` in the folder `models`: one `os.stat` a call of `current`, and a load after a change."""

    def __init__(self, models: Path, on_load: Callable[[ServedModel | None, str], None]):
        """`on_load` is told of every load: the model and "", or None and why it failed."""
        self._models, self._on_load = models, on_load
        self._pointer = os.fspath(models / POINTER)
        self._seen: tuple | None = None
        self._loaded: ServedModel | None = None
        self._model: ServedModel | None = None
        self._lock = threading.Lock()
        self.problem = f"there is no {models / POINTER}: build a model first"

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
        if version not in versions(self._models):
            raise SwapError(f"there is no version {version!r}; there are {', '.join(versions(self._models)) or 'none'}")
        with self._exclusive():
            model = self._load(version)
            promote(self._models, version, "asked for by /load-model")
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
            if version := champion(self._models):
                self._model, self.problem = self._load(version), ""
        except (SwapError, DamagedModelError, OSError) as error:
            self.problem = str(error)

    def _load(self, version: str) -> ServedModel:
        model = self._loaded
        if model is None or model.version != version:
            try:
                self._loaded = model = ServedModel.load(self._models / version)
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
