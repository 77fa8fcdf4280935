"""POST /predict past Flask's routing and contexts, which cost as much as all of the scoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Flask

from app.access.gate import Gate
from app.http import errors
from app.http.requests import Request
from app.views import predict

METHOD, PATH = "POST", "/predict"


class Shortcut:
    """Wraps `app.wsgi_app`. Gate, view and errors are those that Flask would call, in the same order."""

    def __init__(self, app: Flask, gate: Gate):
        self._app, self._gate, self._inside = app, gate, app.wsgi_app
        self._rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == PATH)
        app.wsgi_app = self

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != METHOD:
            return self._inside(environ, start_response)
        request = Request(environ)
        request.url_rule = self._rule
        try:
            self._gate.admit(request)
            response = predict.score(self._app, request)
        except Exception as error:
            response = errors.answer(error, request.id)
        return response(environ, start_response)
