"""The server: `flask run` for development, `make serve` for real (see docs/serving.md)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask import Flask

from app import logs
from app.access.gate import Gate
from app.http import errors
from app.http.answers import Answers
from app.http.requests import Request
from app.http.shortcut import Shortcut
from app.metrics import Metrics
from app.model.champion import Champion
from app.online import warm
from app.online.features import Online
from app.online.store.opening import open_store
from app.settings import Settings, SettingsError
from app.views import documentation, events, features, health, home, items, models, monitoring, predict, rank

BLUEPRINTS = (home, health, predict, events, items, rank, features, models, monitoring, documentation, warm)


def create_app(config: Mapping[str, str] | None = None) -> Flask:
    """The app, with the champion loaded and its kernel compiled, if there is one.

    `config` holds WILLBUY_ variables that win over those of the environment. Raises SettingsError for a variable
    that cannot be used.
    """
    app = Flask(__name__)
    app.request_class = Request
    app.ensure_sync = lambda view: view  # no view is async; Flask would ask each one at each request
    app.settings = settings = Settings.from_environment({**os.environ, **(config or {})})
    errors.register(app)
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    _make_private(settings)
    app.metrics = Metrics(settings.state, sorted({rule.rule for rule in app.url_map.iter_rules()}))
    app.champion = Champion(settings.models, lambda model, problem: _tell(app.metrics, model, problem))
    app.online = Online(open_store(settings))
    Shortcut(app, Gate(app, settings))
    Answers(app, settings, app.metrics)
    _start(app)
    return app


def _make_private(settings: Settings) -> None:
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    stat = settings.state.stat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o022:
        raise SettingsError(f"WILLBUY_STATE: {settings.state} can be written to by others; name another folder")


def _tell(metrics: Metrics, model, problem: str) -> None:
    metrics.count_load(model is not None)
    if model:
        logs.write("info", event="model loaded", model_version=model.version)
    else:
        logs.write("error", event="model refused", problem=problem)


def _start(app: Flask) -> None:
    if not app.settings.keys:
        logs.write("warning", event="no keys: only loopback is answered and /load-model is off; set WILLBUY_API_KEYS")
    if app.champion.current() is None:
        logs.write("warning", event="no model", problem=app.champion.problem)
