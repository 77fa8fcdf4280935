"""`python -m app`: the app under granian, with the settings that this project was measured with."""

import errno
import math
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.common import AbstractServer

from app.logs import OF_GRANIAN
from app.settings import Listening, SettingsError

MOST_DEATHS = 30
MOST_THREADS = 256
PORT_SECONDS = 3  # in which the workers of a server that was killed are gone


def main() -> None:
    """Serve until told to stop; app/settings.py says where and with how many processes."""
    try:
        listening = Listening.from_environment(os.environ)
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    _await_port(listening)
    with _state():
        server("app.worker:create", listening).serve()


@contextmanager
def _state() -> Iterator[None]:
    """A folder of what the workers share, unless one is named: there may be no other place to write to."""
    if os.environ.get("WILLBUY_STATE"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="willbuy-") as state:
        os.environ["WILLBUY_STATE"] = state
        yield


def _await_port(listening: Listening) -> None:
    """Wait a little until nobody listens there. Granian would share a port with whoever does."""
    end = time.monotonic() + PORT_SECONDS
    while True:
        try:
            socket.create_server((listening.host, listening.port), family=_family(listening.host)).close()
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                sentence = f"PORT: {listening.host}:{listening.port} cannot be listened on: {error.strerror}"
                raise SystemExit(f"{sentence}; name another, or end who listens there") from None
        time.sleep(0.1)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def server(factory: str, listening: Listening) -> AbstractServer:
    """The server of the app that `factory` makes, not yet started.

    A worker that dies is started again; one that is told to stop finishes its work.
    """
    made = Granian(
        factory,
        factory=True,
        interface=Interfaces.WSGI,
        address=listening.host,
        port=listening.port,
        workers=listening.workers,
        # Started as they are needed: most wait for a body that is slow to come. Few compute at a time (app.http.turns).
        blocking_threads=MOST_THREADS,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=30,
        log_access=False,
        log_dictconfig=OF_GRANIAN,
    )
    made.respawned_wrks = Respawned()
    return made


class Respawned(dict):
    """When each worker was last started again. Granian keeps it, and ends the server if a worker dies soon after that.

    Two kills in a row must not end the server; a worker that cannot start must, once it has died MOST_DEATHS times in
    a minute.
    """

    def __init__(self):
        super().__init__()
        self._deaths: list[float] = []

    def get(self, worker: int, default: float = 0) -> float:  # type: ignore[override]
        """Asked when a worker has died."""
        now = time.monotonic()
        self._deaths = [death for death in self._deaths if now - death < 60] + [now]
        return super().get(worker, default) if len(self._deaths) > MOST_DEATHS else -math.inf


if __name__ == "__main__":
    main()
