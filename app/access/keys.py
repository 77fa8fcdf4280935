"""API keys: kept as SHA-256 digests, each with scopes, compared in constant time."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

_DIGESTS = re.compile(r"(\s*(#.*)?\n)*\s*[0-9a-f]{64}:").match  # lines of digests begin so
PREDICT, ADMIN, EVENTS = SCOPES = ("predict", "admin", "events")


@dataclass(frozen=True)
class Key:
    """A key's digest and what it may do; the key itself is not kept."""

    digest: bytes
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the key has the scope; a key that may swap models may also send events."""
        return scope in self.scopes or (scope == EVENTS and ADMIN in self.scopes)


def parse_keys(text: str) -> tuple[Key, ...]:
    """The keys in `text`: `key:scope+scope,…`, or lines `sha256:scope+scope`, or the path of a file of such lines.

    A `#` starts a comment in the lines. Raises ValueError; its message never holds a key.
    """
    if os.path.isfile(text) or _DIGESTS(text):
        content = Path(text).read_text(encoding="utf-8") if os.path.isfile(text) else text
        lines = [line.partition("#")[0].strip() for line in content.splitlines()]
        return _some(_from_file(n, line) for n, line in enumerate(lines, 1) if line)
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    return _some(_from_environment(n, entry) for n, entry in enumerate(entries, 1))


def _some(keys: Iterable[Key]) -> tuple[Key, ...]:
    """The keys. Without one everybody on this machine would be let in, which is not what a list of keys is for."""
    found = tuple(keys)
    if not found:
        raise ValueError("there is no key in it; to serve without keys, do not set the variable")
    return found


def find(keys: tuple[Key, ...], presented: str) -> int | None:
    """The place in `keys` of the key `presented`, None if it is none of them. The time taken tells nothing."""
    digest = sha256(presented.encode("utf-8", "surrogateescape")).digest()
    place = None
    for i, key in enumerate(keys):
        if compare_digest(key.digest, digest):
            place = i
    return place


def _from_environment(number: int, entry: str) -> Key:
    key, _, scopes = entry.rpartition(":")
    if len(key) < 8:
        raise ValueError(f"entry {number} should be key:scope+scope, its key of at least 8 characters; or name a file")
    return Key(sha256(key.encode()).digest(), _scopes(scopes, f"entry {number}"))


def _from_file(number: int, line: str) -> Key:
    digest, _, scopes = line.partition(":")
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError(f"line {number} should be sha256:scope+scope, the digest in 64 lower-case hexadecimal digits")
    return Key(bytes.fromhex(digest), _scopes(scopes, f"line {number}"))


def _scopes(text: str, where: str) -> frozenset[str]:
    scopes = frozenset(text.strip().split("+"))
    if not scopes <= set(SCOPES):
        raise ValueError(f"{where}: unknown scope; allowed: {', '.join(SCOPES)}, joined by +")
    return scopes
