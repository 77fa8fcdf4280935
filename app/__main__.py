"""`python -m app`: the app under granian, with the settings that this project was measured with."""

import errno
import math
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.common import AbstractServer

from app.http.waiting import THREADS
from app.logs import OF_GRANIAN
from app.settings import DRAINING, Listening, Settings, SettingsError

MOST_DEATHS = 30
PORT_SECONDS = 3  # in which the workers of a server that was killed are gone


def main() -> None:
    """Serve until told to stop; app/settings.py says where and with how many processes."""
    try:
        listening, settings = Listening.from_environment(os.environ), Settings.from_environment(os.environ)
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    _await_port(listening)
    with _state() as state:
        made = server("app.worker:create", listening)
        _drain(made, state / DRAINING, settings.drain_seconds)
        made.serve()


@contextmanager
def _state() -> Iterator[Path]:
    """A folder of what the workers share, unless one is named: there may be no other place to write to."""
    if named := os.environ.get("WILLBUY_STATE"):
        yield Path(named)
        return
    with tempfile.TemporaryDirectory(prefix="willbuy-") as state:
        os.environ["WILLBUY_STATE"] = state
        yield Path(state)


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
        blocking_threads=THREADS,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=30,
        log_access=False,
        log_dictconfig=OF_GRANIAN,
    )
    made.respawned_wrks = Respawned()
    return made


def _drain(made: AbstractServer, mark: Path, seconds: float) -> None:
    """Have SIGTERM say first that no more requests should come, and end the server `seconds` later.

    Another signal ends it at once.
    """
    mark.unlink(missing_ok=True)
    stop = made.signal_handler_interrupt

    def interrupted(number, frame):
        is_first = number == signal.SIGTERM and not mark.exists()
        mark.touch()
        later = threading.Timer(seconds if is_first else 0, stop)
        later.daemon = True
        later.start()

    made.signal_handler_interrupt = interrupted  # type: ignore[method-assign]


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
