"""A worker of `make serve`: the app, and what goes on beside its requests."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping

from app import create_app, logs
from app.http.waiting import keep_ending
from app.online.expiry import keep_erasing
from app.secrets import Watch
from app.server import Server
from app.settings import Listening, Settings, SettingsError
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
        erasing = (app.online, app.settings.state, days * DAY_US)
        threading.Thread(target=keep_erasing, args=erasing, daemon=True).start()
    return app


def parent() -> int:
    """The process that started this one; it may have ended while this one got ready."""
    started_by = multiprocessing.parent_process()
    return started_by.pid if started_by and started_by.pid else os.getppid()


def rotate(app: Server, environment: Mapping[str, str]) -> None:
    """Take the secrets that the files hold now. If they cannot be used, the ones before stay."""
    try:
        app.use(Settings.from_environment(environment))
    except SettingsError as error:
        logs.write("error", event="secrets not rotated", problem=str(error))


def _watch(app: Server, started_by: int) -> None:
    watch = Watch(os.environ)
    while os.getppid() == started_by:
        app.follow()
        if watch.has_changed():
            rotate(app, os.environ)
        time.sleep(EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
