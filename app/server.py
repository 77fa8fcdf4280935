"""The Flask app with what its views share."""

from collections.abc import Callable, Sequence

import msgspec
from flask import Flask
from werkzeug.routing import BaseConverter

from app import logs
from app.access.gate import Gate
from app.http import errors
from app.http.answers import Answers
from app.http.endpoint import Endpoint
from app.http.requests import Request, current
from app.http.shortcut import Shortcut
from app.metrics import Metrics
from app.model.champion import Champion
from app.model.served import ServedModel
from app.online.features import Online
from app.online.store.opening import open_store
from app.settings import Settings
from app.workers import Workers

NO_MODEL = "build a model first; the log says what is wrong with one that is there"


class AnyText(BaseConverter):
    """A variable of a path, whatever is in it: an id may hold a slash."""

    part_isolating = False
    regex = r"[\s\S]+?"


class Server(Flask):
    """Its `settings`, its `endpoints`, and what outlives a request: `metrics`, `workers`, `champion`, `online`."""

    request_class = Request

    def __init__(self, settings: Settings, endpoints: Sequence[Endpoint]):
        super().__init__("app")
        self.settings, self.endpoints = settings, endpoints
        self.url_map.converters["text"] = AnyText
        for endpoint in endpoints:
            for rule in endpoint.rules:
                self.add_url_rule(rule, endpoint.name, endpoint, methods=[endpoint.method])
        # Counts and the gate have a place for each route: all routes are there by now.
        self.metrics = Metrics(settings.state, sorted({rule.rule for rule in self.url_map.iter_rules()}))
        self.workers = Workers(settings.state)
        self._gate = gate = Gate(self.view_functions, settings)
        self.before_request(lambda: gate.admit(current()))
        self.register_error_handler(Exception, lambda error: errors.answer(error, current().id))
        # From the inside out: answers of the shortcut are counted, too.
        answers = Answers(Shortcut(self, endpoints, gate), settings, self.metrics)
        self.wsgi_app = answers  # type: ignore[method-assign]
        self.champion = Champion(settings.models, settings.state, self._tell)
        self.online = Online(open_store(settings.store, settings.store_seconds), settings.lookback_days)

    def use(self, settings: Settings) -> None:
        """Take other secrets: keys, and where the store is. The rest of the settings stays as it was at the start."""
        self._gate.use(settings.keys)
        if settings.store != self.settings.store:
            self.online.store = open_store(settings.store, settings.store_seconds)
        self.settings = msgspec.structs.replace(self.settings, keys=settings.keys, store=settings.store)
        logs.write("info", event="secrets rotated", keys=len(settings.keys))

    def follow(self) -> ServedModel | None:
        """Take the champion as it is now, and tell the other workers which model this one serves."""
        model = self.champion.current()
        self.workers.tell(model.version if model else None, bool(self.champion.problem))
        return model

    @property
    def version(self) -> str | None:
        """The champion's version, None without one."""
        model = self.champion.current()
        return model.version if model else None

    def serving(self) -> ServedModel:
        """The champion. Raises ApiError 503 without one."""
        model = self.champion.current()
        if model is None:
            raise errors.ApiError(503, "no_model", f"no model is loaded: {NO_MODEL}")
        return model

    def ensure_sync(self, view: Callable) -> Callable:
        """The view; none is async, and Flask would ask at each request."""
        return view

    def _tell(self, model: ServedModel | None, problem: str) -> None:
        self.metrics.count_load(model is not None)
        if model:
            logs.write("info", event="model loaded", model_version=model.version)
        else:
            logs.write("error", event="model refused", problem=problem)
