"""`python -m app`: the app under granian, with the settings that this project was measured with."""

from __future__ import annotations

import os
import tempfile

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings


def main() -> None:
    """Serve on HOST (127.0.0.1) and PORT (8000) with WORKERS (1) processes until told to stop."""
    with tempfile.TemporaryDirectory(prefix="willbuy-") as state:
        os.environ.setdefault("WILLBUY_STATE", state)
        server("app:create_app", _number("PORT", 8000), _number("WORKERS", 1)).serve()


def server(factory: str, port: int, workers: int) -> Granian:
    """The server of the app that `factory` makes, not yet started.

    A worker that dies is started again; one that is told to stop finishes its work.
    """
    return Granian(
        factory,
        factory=True,
        interface=Interfaces.WSGI,
        address=os.environ.get("HOST", "127.0.0.1"),
        port=port,
        workers=workers,
        # More threads would only queue for the interpreter's lock; a waiting body is the proxy's business.
        blocking_threads=2,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=30,
        log_access=False,
    )


def _number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SystemExit(f"{name}: {text!r} should be a whole number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    main()
