"""The champion that this worker serves, and how another takes its place without a request noticing."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from app.exclusive import exclusive
from app.model.last_good import LastGood
from app.model.served import ServedModel
from willbuy.models.pointer import POINTER, champion, promote
from willbuy.models.versions import DamagedModelError, versions

LOCK = ".swap.lock"
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds until a version that was refused is tried again


class SwapError(Exception):
    """A version that is refused; the message says why. The model that served before goes on serving."""


class Champion:
    """Follows `current.json` in the folder `models`: one `os.stat` a call of `current`, and a load after a change.

    `state` is the folder that all workers of one server share.
    """

    def __init__(
        self,
        models: Path,
        state: Path,
        on_load: Callable[[ServedModel | None, str], None],
        clock: Callable[[], float] = monotonic,
    ):
        """`on_load` is told of every load: the model and "", or None and why it failed."""
        self._models, self._state, self._on_load, self._clock = models, state, on_load, clock
        self._last_good = LastGood(state)
        self._pointer = os.fspath(models / POINTER)
        self._seen: tuple | None = None
        self._loaded: ServedModel | None = None
        self._model: ServedModel | None = None
        self._lock = threading.Lock()
        self._again, self._wait = 0.0, FIRST_WAIT
        self.problem = f"there is no {models / POINTER}: build a model first"

    def current(self) -> ServedModel | None:
        """The model that `current.json` names now; the last good one if that fails its checks; None without any."""
        seen = self._stat()
        if seen != self._seen:
            # All threads wait here: a request that comes after a swap must not be answered by the old model.
            with self._lock:
                if seen != self._seen:
                    self._wait = FIRST_WAIT
                    self._follow()
                    self._seen = seen
        elif self.problem and self._clock() >= self._again and self._lock.acquire(blocking=False):
            # What was refused may be there by now: a copy from elsewhere may bring the pointer before the version.
            try:
                self._follow()
            finally:
                self._lock.release()
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
        with exclusive(self._state / LOCK):
            try:
                model = self._load(version)
            except SwapError as error:
                self._on_load(None, str(error))
                raise
            try:
                promote(self._models, version, "asked for by /load-model")
            except OSError as error:
                raise SwapError(f"{self._pointer} cannot be written: {error}") from error
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
                self._last_good.keep(self._models / version)
            elif self._model is None:
                self._fall_back()
        except (SwapError, DamagedModelError, OSError) as error:
            if str(error) != self.problem:
                self._on_load(None, str(error))
            self.problem = str(error)
            self._fall_back()
        if self.problem:
            self._again = self._clock() + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)

    def _fall_back(self) -> None:
        """Serve what all workers of this server last agreed on, as far as it can be read."""
        is_other = self._model is None or self._model.version != self._last_good.version
        if is_other and (kept := self._last_good.load()):
            self._model = kept
            self._on_load(kept, "")

    def _load(self, version: str) -> ServedModel:
        path, model = self._models / version, self._loaded
        try:
            self._last_good.check(path)
            if model is None or model.version != version:
                self._loaded = model = ServedModel.load(path)
                self._on_load(model, "")
        except (DamagedModelError, OSError) as error:
            raise SwapError(str(error)) from error
        return model
