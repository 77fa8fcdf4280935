"""Past Flask's routing and contexts, which cost as much as all of the scoring."""

from collections.abc import Callable, Iterable

from flask import Flask, Response

from app.access.gate import Gate
from app.http import errors
from app.http.endpoint import Endpoint
from app.http.replies import Plain
from app.http.requests import Request


class Shortcut:
    """Answers a request whose method and path are those of an endpoint that answers data; all others go to Flask.

    Gate, view and errors are those that Flask would call, in the same order. `endpoints` are those of `app`.
    """

    def __init__(self, app: Flask, endpoints: Iterable[Endpoint], gate: Gate):
        self._app, self._gate, self._inside = app, gate, app.wsgi_app
        rules = {(rule.endpoint, rule.rule): rule for rule in app.url_map.iter_rules()}
        paths = [(e, path) for e in endpoints if e.is_data for path in e.rules]
        self._short = {(e.method, path): (e, rules[e.name, path]) for e, path in paths}

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        found = self._short.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if found is None:
            return self._inside(environ, start_response)
        endpoint, rule = found
        request = Request(environ)
        request.url_rule = rule
        try:
            self._gate.admit(request)
            said = endpoint.answer(self._app, request)
            answer = said if isinstance(said, Response) else Plain(said)
        except Exception as error:
            answer = errors.answer(error, request.id)
        return answer(environ, start_response)
