"""A worker of `make serve`: the app, and what goes on beside its requests."""

import multiprocessing
import os
import signal
import threading
import time

from app import create_app
from app.http.waiting import keep_ending
from app.online.expiry import keep_erasing
from app.server import Server
from app.settings import Listening
from willbuy.clock import DAY_US

EVERY = 0.1  # seconds
PATIENCE = 10.0  # seconds to finish the requests that have begun


def create() -> Server:
    """The app of a worker, which follows the champion unasked, and ends with the process that started it."""
    app = create_app()
    port = Listening.from_environment(os.environ).port
    threading.Thread(target=_watch, args=(app, parent()), daemon=True).start()
    threading.Thread(target=keep_ending, args=(port, app.settings.body_seconds), daemon=True).start()
    if days := app.settings.retention_days:
        erasing = (app.online.store, app.settings.state, app.online.now, days * DAY_US)
        threading.Thread(target=keep_erasing, args=erasing, daemon=True).start()
    return app


def parent() -> int:
    """The process that started this one; it may have ended while this one got ready."""
    started_by = multiprocessing.parent_process()
    return started_by.pid if started_by and started_by.pid else os.getppid()


def _watch(app: Server, started_by: int) -> None:
    while os.getppid() == started_by:
        app.follow()
        time.sleep(EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
