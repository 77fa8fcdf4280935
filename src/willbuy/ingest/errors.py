"""The one kind of error that a log or its mapping can cause."""

from pathlib import Path


class IngestError(ValueError):
    """A log cannot be read as its mapping says; the message says what is wrong, where, and what to do."""


def about(path: str | Path, problem: str) -> IngestError:
    """An error about the file at `path`, which the message names first."""
    return IngestError(f"{path}: {problem}")
