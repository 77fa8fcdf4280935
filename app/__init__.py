"""The server: `flask run` for development, `make serve` for real (see docs/serving.md)."""

import os
from collections.abc import Mapping

from app import logs, views
from app.http.endpoint import declared
from app.online import backup, warm
from app.server import Server
from app.settings import Settings


def create_app(config: Mapping[str, str] | None = None) -> Server:
    """The app, with the champion loaded and its kernel compiled, if there is one.

    `config` holds WILLBUY_ variables that win over those of the environment. Raises SettingsError for an invalid one.
    """
    settings = Settings.from_environment({**os.environ, **(config or {})})
    settings.make_state()
    app = Server(settings, declared(views))
    for commands in (warm, backup):
        app.register_blueprint(commands.blueprint)
    if not settings.keys:
        logs.write("warning", event="no keys: only loopback is answered and /load-model is off; set WILLBUY_API_KEYS")
    if app.follow() is None:
        logs.write("warning", event="no model", problem=app.champion.problem)
    return app
