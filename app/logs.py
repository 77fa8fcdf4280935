"""One JSON object a line on standard error. Never a feature's value, never a key."""

import logging
import os
import stat
import time

import msgspec

STDERR = 2
dropped = 0  # lines of this process that nobody took


def _opened() -> int:
    """Standard error; a pipe anew, so that to wait for its reader can be refused without others noticing."""
    try:
        if stat.S_ISFIFO(os.fstat(STDERR).st_mode):
            return os.open(f"/proc/self/fd/{STDERR}", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        pass
    return STDERR


_to = _opened()


def write(level: str, **fields) -> None:
    """Write one line; a pipe that nobody reads, or no longer, is no reason to fail or to wait: the line is counted."""
    global dropped
    line = msgspec.json.encode({"time": time.time(), "level": level, "pid": os.getpid(), **fields}) + b"\n"
    try:
        os.write(_to, line)
    except OSError:
        dropped += 1


class Lines(logging.Handler):
    """What granian tells, in the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record of Python's logging."""
        write(record.levelname.lower(), event=record.getMessage())


OF_GRANIAN = {
    "handlers": {"lines": {"class": f"{__name__}.{Lines.__name__}"}},
    "loggers": {"_granian": {"handlers": ["lines"], "level": "INFO", "propagate": False}},
}
