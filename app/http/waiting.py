"""Bodies that do not come. Each keeps a thread, and granian waits for it without end; so its connection is ended."""

import os
import socket
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import get_ident

from app import logs
from app.http import turns
from app.http.errors import ApiError

LEAST = 1000  # bytes a second of a body that comes
THREADS, MOST = 256, 240  # of a worker, and those of them that may wait for bodies
STEPS = 4  # looks in the time that a body has
_SENT, _RECEIVED = struct.Struct("=I"), struct.Struct("=Q")  # of Linux's tcp_info
_SENT_AT, _RECEIVED_AT = 44, 128
_since: dict[int, float] = {}  # by thread, when it began to wait for a piece of a body


class Waiting:
    """Wait for a piece of a body in a block `with waiting`. Others compute meanwhile.

    Raises ApiError 503 if MOST wait already: what needs no body is answered all the same.
    """

    def __enter__(self) -> None:
        if len(_since) >= MOST:
            raise ApiError(503, "busy", "too many bodies are on their way, try again", headers={"Retry-After": "1"})
        _since[get_ident()] = time.monotonic()
        turns.give()

    def __exit__(self, *exc: object) -> None:
        del _since[get_ident()]
        turns.take()


waiting = Waiting()


def keep_ending(port: int, seconds: float) -> None:
    """Go on for ever: end the connections to `port` that have brought next to nothing of a body for `seconds`."""
    before: dict[int, int] = {}
    while hasattr(socket, "TCP_INFO"):
        time.sleep(seconds / STEPS)
        oldest = min([*_since.values()], default=time.monotonic())
        # As long as no body is late nobody looks for one.
        late = time.monotonic() - oldest > seconds
        before = _end_late(port, seconds, before) if late else {}


def _end_late(port: int, seconds: float, before: dict[int, int]) -> dict[int, int]:
    """End those that are late; what each of the others has received, to compare with `before`."""
    received: dict[int, int] = {}
    ended = 0
    for number, connection in _connections(port):
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
        (silent,), (got,) = _SENT.unpack_from(told, _SENT_AT), _RECEIVED.unpack_from(told, _RECEIVED_AT)
        received[number] = got
        # Nothing was answered for long, and less came than of a slow body. One that is kept open for later may go, too.
        if silent >= 1000 * seconds and number in before and got - before[number] < LEAST * seconds / STEPS:
            connection.shutdown(socket.SHUT_RD)
            ended += 1
    if ended:
        logs.write("warning", event="connections ended whose bodies did not come", connections=ended)
    return received


def _connections(port: int) -> Iterator[tuple[int, socket.socket]]:
    """The connections of this process to `port`, each with its number."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            found = os.fstat(int(name))
            if stat.S_ISSOCK(found.st_mode):
                with socket.socket(fileno=os.dup(int(name))) as connection:
                    is_tcp = connection.family in (socket.AF_INET, socket.AF_INET6)
                    if is_tcp and connection.getsockname()[1] == port and connection.getpeername():
                        yield found.st_ino, connection
