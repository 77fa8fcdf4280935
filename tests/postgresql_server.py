"""A PostgreSQL of the test's own: a process on a free port of loopback, its data in a folder of the test's."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest
from server import free_port


class PostgresqlServer:
    """Starts at once; `run` runs SQL in its database `shop`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs, self.port = folder / "data", programs, free_port()
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._folder.mkdir()
        if os.geteuid() == 0:
            for path in (self._folder, *self._folder.parents[: len(self._folder.parts) - 3]):
                shutil.chown(path, self._user) if path == self._folder else path.chmod(0o755)
        self._call("initdb", "-D", self._folder, "-A", "trust", "-U", "shop", "--no-sync")
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._call("pg_ctl", "-D", self._folder, "-w", "-l", self._folder / "log", "-o", options, "start")
        self._sql("postgres", "CREATE DATABASE shop")

    @property
    def url(self) -> str:
        return f"postgresql://shop:secret@127.0.0.1:{self.port}/shop"

    def run(self, sql: str) -> None:
        self._sql("shop", sql)

    def stop(self) -> None:
        self._call("pg_ctl", "-D", self._folder, "-m", "immediate", "stop")

    def _sql(self, database: str, sql: str) -> None:
        where = ["-h", "127.0.0.1", "-p", self.port, "-U", "shop", "-d", database]
        self._call("psql", *where, "-v", "ON_ERROR_STOP=1", "-q", "-c", sql)

    def _call(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        user = {"user": self._user, "group": self._user, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", **user)
        assert done.returncode == 0, done.stderr


def started(folder: Path) -> PostgresqlServer:
    """A server with its data in `folder`; skips the test where PostgreSQL is not installed."""
    places = [Path(place) for place in os.environ["PATH"].split(":")]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [place for place in places if (place / "initdb").is_file() and (place / "psql").is_file()]
    if not found:
        pytest.skip("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    return PostgresqlServer(folder, found[0])
