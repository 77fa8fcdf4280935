"""A worker of `make serve`: the app, and what goes on beside its requests."""

import os
import signal
import threading
import time

from app import create_app
from app.online.expiry import keep_erasing
from app.server import Server
from willbuy.clock import DAY_US

EVERY = 0.1  # seconds
PATIENCE = 10.0  # seconds to finish the requests that have begun


def create() -> Server:
    """The app of a worker, which follows the champion unasked, and ends with the process that started it."""
    app = create_app()
    threading.Thread(target=_watch, args=(app, os.getppid()), daemon=True).start()
    if days := app.settings.retention_days:
        erasing = (app.online.store, app.settings.state, app.online.now, days * DAY_US)
        threading.Thread(target=keep_erasing, args=erasing, daemon=True).start()
    return app


def _watch(app: Server, parent: int) -> None:
    while os.getppid() == parent:
        app.follow()
        time.sleep(EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
