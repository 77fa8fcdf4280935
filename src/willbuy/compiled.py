"""Compiled functions, with a cache that holds what the sources say now.

Numba's own cache looks at the file of the function alone: after an edit of what the function calls in another file it
would run old code. Here every cached result carries a hash over the content of its module and of all modules that this
one imports, directly or through one another (`willbuy.build.fingerprint`).

The cache lies in NUMBA_CACHE_DIR if that is set, else in `__pycache__` beside the source, else in a folder of this
user among the temporary files: the first of them that can be written to, or that holds results already, as where a
container brings them on a file system that is read-only. If there is none, each process compiles for itself.
"""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from willbuy.build import fingerprint

OPTIONS = {"nogil": True, "error_model": "numpy"}


def entry(function: Callable) -> Callable:
    """A compiled function that Python calls. It releases the GIL and is cached; a division by 0 gives inf or NaN."""
    dispatcher = njit(**OPTIONS)(function)
    with suppress(RuntimeError):  # there is no folder for it
        dispatcher._cache = _Cache(function)
    return dispatcher


def part(function: Callable) -> Callable:
    """A part of entries: compiled into each of them and never called from Python, so without a wrapper and a cache."""
    return njit(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)


class _Locator(_CacheLocator):
    """Where the results of a function lie, and for which content of its sources they hold."""

    def __init__(self, folder: str, source: str, line: int):
        self.folder, self.source, self.line = folder, source, line

    def get_cache_path(self) -> str:
        return self.folder

    def get_source_stamp(self) -> str:
        return _stamp(self.source)

    def get_disambiguator(self) -> str:
        return str(self.line)

    @classmethod
    def from_function(cls, function: Callable, source: str) -> _Locator | None:
        folder = _folder(source)
        return folder and cls(folder, source, function.__code__.co_firstlineno)


class _Results(CompileResultCacheImpl):
    """Each result carries the stamp: processes of two versions of the sources may write index and results by turns."""

    _locator_classes = (_Locator,)

    def __init__(self, function: Callable):
        super().__init__(function)
        self.stamp = _stamp(inspect.getfile(function))

    def reduce(self, result):
        return self.stamp, super().reduce(result)

    def rebuild(self, context, saved):
        stamp, reduced = saved
        return super().rebuild(context, reduced) if stamp == self.stamp else None


class _Cache(FunctionCache):
    """Another process, a full disk or a damaged file can make it useless, but neither wrong nor fatal."""

    _impl_class = _Results

    def load_overload(self, signature, context):
        try:
            result = super().load_overload(signature, context)
        except Exception:  # the bytes of a damaged file lead to anything
            with suppress(OSError):
                self.flush()
            return None
        # Two processes that compile for different types at once may give their results one name.
        return result if result is not None and result.signature.args == tuple(signature) else None

    def save_overload(self, signature, result):
        with suppress(OSError):
            super().save_overload(signature, result)


@cache
def _stamp(source: str) -> str:
    return fingerprint.of_module(Path(source))


@cache
def _folder(source: str) -> str | None:
    return next((str(folder) for folder in _folders(source) if _serves(folder)), None)


def _serves(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return any(folder.glob("*.nbi"))
    return True


def _folders(source: str) -> Iterator[Path]:
    name = _CacheLocator.get_suitable_cache_subpath(source)
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR, name)
    yield Path(source).parent / "__pycache__"
    with suppress(OSError):
        yield _private() / name


def _private() -> Path:
    """A temporary folder that nobody else can write to, since what lies in it is run."""
    folder = Path(tempfile.gettempdir(), f"willbuy-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is open to others")
    return folder
