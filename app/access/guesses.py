"""Whoever guesses keys soon has to wait, however many workers there are to ask."""

from hashlib import blake2b
from pathlib import Path

from app.access.limits import RateLimit

ADDRESSES = 4096  # numbers that addresses share
A_MINUTE = 60  # wrong keys of an address
MOST_KNOWN = 10_000


class Guesses:
    """Counts the wrong keys of each address, in a file of `folder` for all workers.

    An address that has sent A_MINUTE of them in a minute is not let in with another key either, or the right one would
    stand out; but with one that was right from there before: callers may share an address with one whose key is old.
    """

    def __init__(self, folder: Path):
        self._wrong = RateLimit(folder, ADDRESSES, A_MINUTE, name="wrong")
        self._known: set[tuple[str, int]] = set()

    def wait(self, address: str, key: int | None) -> float:
        """The seconds that the request of an `address` with the key of place `key`, None for a wrong one, has to wait.

        0 lets it pass: to its view, or to the answer that the key is wrong.
        """
        if key is None:
            return self._wrong.wait(_number(address))
        if (address, key) in self._known:
            return 0.0
        if wait := self._wrong.left(_number(address)):
            return wait
        if len(self._known) < MOST_KNOWN:
            self._known.add((address, key))
        return 0.0


def _number(address: str) -> int:
    return int.from_bytes(blake2b(address.encode(), digest_size=4).digest()) % ADDRESSES
