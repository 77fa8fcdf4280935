"""The embedded store: an SQLite file that the workers of one machine share."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import numpy as np

from app.online.store import Revision, Snapshot, StoreError, history, tallies, timeline
from app.online.store.file import File
from app.online.store.retention import Retention
from app.online.store.timeline import Entry
from willbuy.features.kernel import FOREVER, NEVER

# A history is kept in pieces, so that an event writes one page and not the whole of it.
PIECE = history.HEAD_BYTES + history.BLOCK * history.RECORD.itemsize
PIECES = 2**20
HISTORY = f"""
SELECT pieces.content FROM users JOIN pieces
ON pieces.number >= users.number * {PIECES} AND pieces.number < (users.number + 1) * {PIECES}
WHERE user_id = ? ORDER BY pieces.number
"""
AT_ONCE = 500  # users
WRITE_UNCOUNTED = "INSERT INTO uncounted VALUES (?, ?) ON CONFLICT (item) DO UPDATE SET day = max(day, excluded.day)"
WRITE_TIMELINE = """
INSERT INTO timelines VALUES (?, ?, ?)
ON CONFLICT (item) DO UPDATE SET revision = max(revision, excluded.revision), content = excluded.content
"""


class EmbeddedStore:
    """The store in the file `path`, made if it is not there. `timeout` is the seconds to wait for other writers."""

    def __init__(self, path: Path, timeout: float):
        self._path, self._file = path, File(path, timeout)

    def add(self, events: Mapping[str, np.ndarray], retention: Retention) -> np.ndarray:
        with self._transaction() as connection:
            old = [_history(connection, user) for user in events]
            merged = history.merge_all(old, list(events.values()), retention)
            for user, before, after in zip(events, old, merged, strict=True):
                _write(connection, user, before, after.content)
            for increment in tallies.increments(np.concatenate([m.fresh for m in merged])):
                _tally(connection, increment)
            late = tallies.uncounted(np.concatenate([m.late for m in merged]))
            connection.executemany(WRITE_UNCOUNTED, late.items())
        return history.outcome(merged)

    def read(self, users: Sequence[str], items: Sequence[tuple[int, np.ndarray]]) -> Snapshot:
        with self._errors():
            connection = self._file.connection()
            histories = [_history(connection, user) for user in users]
            counts = [_counts(connection, day, numbers) for day, numbers in items]
            uncounted = [_uncounted(connection, numbers) for _, numbers in items]
            revision = _revision(connection)
        return Snapshot(histories, counts, uncounted, revision)

    def forget(self, users: Sequence[str], before: int = FOREVER) -> int:
        with self._errors():
            connection = self._file.connection()
            if not any(history.is_before(_history(connection, user), before) for user in users):
                return 0
        with self._transaction() as connection:
            # Somebody may have come back meanwhile.
            gone = [user for user in users if history.is_before(_history(connection, user), before)]
            for user in gone:
                _erase(connection, user)
        return len(gone)

    def some_users(self, place: int) -> tuple[int, list[str]]:
        query = "SELECT number, user_id FROM users WHERE number > ? ORDER BY number LIMIT ?"
        with self._errors():
            found = self._file.connection().execute(query, (place, AT_ONCE)).fetchall()
        return found[-1][0] if len(found) == AT_ONCE else 0, [user for _, user in found]

    def clean(self) -> None:
        with self._errors():
            self._file.clean()

    def put(self, entries: Mapping[int, Sequence[Entry]], retention: Retention) -> int:
        with self._transaction() as connection:
            return _put(connection, entries, retention)

    def items_after(self, number: int) -> tuple[Revision, dict[int, bytes]]:
        query = "SELECT revision, item, content FROM timelines WHERE revision > ? ORDER BY revision"
        with self._errors():
            connection = self._file.connection()
            latest = _revision(connection)
            found = connection.execute(query, (number,)).fetchall()
        # What changed between the two questions is in the second answer.
        newest = max(latest.number, found[-1][0] if found else 0)
        return latest._replace(number=newest), {item: content for _, item, content in found}

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            connection = self._file.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self._path}: {error}") from error


def _revision(connection: sqlite3.Connection) -> Revision:
    query = "SELECT id, (SELECT coalesce(max(revision), 0) FROM timelines) FROM generation"
    return Revision._make(connection.execute(query).fetchone())


def _put(connection: sqlite3.Connection, entries: Mapping[int, Sequence[Entry]], retention: Retention) -> int:
    merged = timeline.merge_all({item: _timeline(connection, item) for item in entries}, entries, retention)
    first = timeline.next_revision(_revision(connection).number, retention)
    revisions = {item: revision for revision, item in enumerate(merged.changed, first)}
    rows = [(item, revisions.get(item, 0), content) for item, content in merged.contents.items()]
    connection.executemany(WRITE_TIMELINE, rows)
    return len(merged.changed)


def _timeline(connection: sqlite3.Connection, item: int) -> bytes:
    found = connection.execute("SELECT content FROM timelines WHERE item = ?", (item,)).fetchone()
    return found[0] if found else b""


def _history(connection: sqlite3.Connection, user: str) -> bytes:
    return b"".join([content for (content,) in connection.execute(HISTORY, (user,))])


def _write(connection: sqlite3.Connection, user: str, before: bytes, after: bytes) -> None:
    """Write the pieces that differ."""
    if before == after:
        return
    connection.execute("INSERT OR IGNORE INTO users (user_id) VALUES (?)", (user,))
    (number,) = connection.execute("SELECT number FROM users WHERE user_id = ?", (user,)).fetchone()
    pieces = zip_longest(_in_pieces(before), _in_pieces(after))
    for n, (old, new) in enumerate(pieces, number * PIECES):
        if new is None:
            connection.execute("DELETE FROM pieces WHERE number = ?", (n,))
        elif old != new:
            connection.execute("INSERT OR REPLACE INTO pieces VALUES (?, ?)", (n, new))


def _erase(connection: sqlite3.Connection, user: str) -> None:
    (number,) = connection.execute("SELECT number FROM users WHERE user_id = ?", (user,)).fetchone()
    first = number * PIECES
    connection.execute("DELETE FROM pieces WHERE number >= ? AND number < ?", (first, first + PIECES))
    connection.execute("DELETE FROM users WHERE number = ?", (number,))


def _in_pieces(content: bytes) -> list[bytes]:
    return [content[start : start + PIECE] for start in range(0, len(content), PIECE)]


def _tally(connection: sqlite3.Connection, increment: tallies.Increment) -> None:
    key = increment.item, increment.run
    found = connection.execute("SELECT counts FROM tallies WHERE item = ? AND run = ?", key).fetchone()
    content = tallies.added(found and found[0], increment)
    connection.execute("INSERT OR REPLACE INTO tallies VALUES (?, ?, ?)", (*key, content))


def _counts(connection: sqlite3.Connection, day: int, items: np.ndarray) -> np.ndarray:
    numbers, runs = items.tolist(), tallies.runs(day)
    marks = ",".join("?" * len(numbers))
    query = f"SELECT item, run, counts FROM tallies WHERE item IN ({marks}) AND run BETWEEN {runs[0]} AND {runs[-1]}"
    found = {(item, run): counts for item, run, counts in connection.execute(query, numbers)}
    return tallies.window([found.get((item, run)) for item in numbers for run in runs], day)


def _uncounted(connection: sqlite3.Connection, items: np.ndarray) -> np.ndarray:
    numbers = items.tolist()
    marks = ",".join("?" * len(numbers))
    found = dict(connection.execute(f"SELECT item, day FROM uncounted WHERE item IN ({marks})", numbers).fetchall())
    return np.array([found.get(item, NEVER) for item in numbers], np.int64)
