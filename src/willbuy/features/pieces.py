"""A log cut between users into pieces of bounded size."""

from collections.abc import Iterator, Sequence

import numpy as np

from willbuy.features.kernel import Decisions, Log

CHUNK = 16_384  # decision points in one call of the kernel: its output stays in the processor's cache


def pieces(log: Log, decisions: Sequence[Decisions]) -> Iterator[tuple[Log, list[Decisions]]]:
    """The same users in turn, with at most CHUNK decision points a piece, or one user with more.

    The arrays of events and of decision points are shared, so a piece's `start` says where it lies in them.
    """
    for first, last in runs(sum(d.start for d in decisions), CHUNK):
        users = slice(first, last + 1)
        mine = [Decisions(d.start[users], d.records) for d in decisions]
        yield Log(log.start[users], log.events, log.ever[first:last]), mine


def runs(start: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """Runs of users [first, last) with at most `most` rows, or one user with more: user u's begin at start[u]."""
    first = 0
    while first < len(start) - 1:
        last = max(int(np.searchsorted(start, start[first] + most, side="right")) - 1, first + 1)
        yield first, last
        first = last
