"""The SQLite file of the embedded store: a connection for each thread, to the file that is there."""

import fcntl
import os
import sqlite3
import threading
from pathlib import Path

from app import logs

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (number INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS pieces (number INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tallies (item INTEGER, run INTEGER, counts BLOB NOT NULL, PRIMARY KEY (item, run))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uncounted (item INTEGER PRIMARY KEY, day INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS timelines (item INTEGER PRIMARY KEY, revision INTEGER NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS revisions ON timelines (revision);
CREATE TABLE IF NOT EXISTS generation (only INTEGER PRIMARY KEY CHECK (only = 0), id BLOB NOT NULL);
INSERT OR IGNORE INTO generation VALUES (0, randomblob(8));
"""


class File:
    """The file `path`, made if it is not there. `timeout` is the seconds to wait for other writers."""

    def __init__(self, path: Path, timeout: float):
        self._path, self._timeout = path, timeout
        self._mine = threading.local()

    def connection(self) -> sqlite3.Connection:
        """This thread's own connection. Where the file was removed or replaced it is another one than before."""
        file = _identity(self._path)
        if file is None or file != getattr(self._mine, "file", None):
            if hasattr(self._mine, "connection"):
                logs.write("error", event="the store was removed or replaced; what is there now is used")
            self._mine.connection = self._open()
            self._mine.file = _identity(self._path)
        return self._mine.connection

    def clean(self) -> None:
        """Write what has changed into the file, empty what is beside it, and give back the room of what is gone."""
        connection = self.connection()
        connection.execute("PRAGMA incremental_vacuum").fetchall()
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("others are at work; what was erased is not gone from the disk yet")

    def _open(self) -> sqlite3.Connection:
        _make(self._path)
        connection = sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)
        # Holds from the first table on.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        # What is deleted is overwritten.
        connection.execute("PRAGMA secure_delete = ON")
        # What has been acknowledged is on the disk: it survives the loss of power, too.
        connection.execute("PRAGMA synchronous = FULL")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'items'").fetchone():
            raise sqlite3.DatabaseError("from before items had timelines; drop its table items, then send all again")
        connection.executescript(SCHEMA)
        return connection


def _identity(path: Path) -> tuple | None:
    """Which file it is, None if there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    """Make an empty file, if there is none. What an earlier one has left beside it must not come into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not path.exists():
            for rest in ("-wal", "-shm"):
                Path(f"{path}{rest}").unlink(missing_ok=True)
            path.touch(mode=0o600)
    finally:
        os.close(folder)
