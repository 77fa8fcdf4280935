"""`flask backup FILE` and `flask restore FILE`: all that the embedded store holds, while the server goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click
from flask import Blueprint, current_app

from app.online.store.file import File
from app.online.store.opening import REDIS
from willbuy.files import atomic

SECONDS = 60  # to wait for those who write
TABLES = {"users", "pieces", "tallies", "timelines", "generation"}
NEW_GENERATION = "UPDATE generation SET id = randomblob(8)"  # all workers read what they know of it anew

blueprint = Blueprint("backup", __name__, cli_group=None)


@blueprint.cli.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the store as it is at one moment to FILE."""
    store = _store()
    if not store.exists():
        raise click.ClickException(f"there is no store at {store}")
    with _told(), atomic(file) as temporary, closing(_written(temporary)) as copy:
        File(store, SECONDS).connection().backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # all of it in one file
    click.echo(f"{store} is in {file}")


@blueprint.cli.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put what FILE holds in the place of all that the store holds."""
    store = _store()
    store.parent.mkdir(parents=True, exist_ok=True)
    with _told(), NamedTemporaryFile(dir=store.parent) as room, closing(sqlite3.connect(room.name)) as copy:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as saved:
            _check(saved, file)
            saved.backup(copy)
        with copy:
            copy.execute(NEW_GENERATION)
        # One transaction of SQLite's: a request sees all of it or nothing, and no file takes the place of another.
        copy.backup(File(store, SECONDS).connection())
    click.echo(f"{store} holds what {file} held")


def _store() -> Path:
    app: Any = current_app
    place = app.settings.store
    if place.startswith(REDIS):
        raise click.ClickException("the store is a Redis: use `redis-cli --rdb FILE`, and start Redis with that file")
    return Path(place)


def _written(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    return sqlite3.connect(path, isolation_level=None)


def _check(saved: sqlite3.Connection, file: Path) -> None:
    tables = {name for (name,) in saved.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables >= TABLES or saved.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise click.ClickException(f"{file} is no whole backup of a store; nothing was changed")


class _told:
    """Says what is wrong with a file in a sentence."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, sqlite3.Error | OSError):
            raise click.ClickException(f"nothing was changed: {error}") from None
