'''An endpoint: a view that says once where it is, who may call it, what it takes and what it answers.

    @endpoint("GET", "/echo", PREDICT)
    def echo(query: Text) -> Text:
        """Say it again."""
        return query

in a module of `app/views/` is all of it. Its decoder, the list of all problems, its scope, OpenAPI, the list at `/` and
docs/api.md come from here. A view's parameters are given by their names:

- `app`: the server; `request`: the request; any name not in this list: that variable of the path, as in
  `/users/{user_id}`
- `model`: the champion; without one the answer is 503
- `body`, `query`: a struct, read from the body or from the URL's parameters; if it cannot be read the answer is 422

It returns a struct or a dict, which is answered as JSON, or a Response. Its docstring begins with its summary.
'''

import inspect
import pkgutil
import re
from collections.abc import Callable
from importlib import import_module
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints

import msgspec
from flask import Response, current_app

from app.access.keys import SCOPES
from app.http.bodies import Reader
from app.http.replies import Json
from app.http.requests import Request, current

BASE = "/v1"  # where a client should look for endpoints; they are also there without it
ERRORS = {"body": {400, 408, 413, 415, 422, 503}, "query": {422}, "model": {503}}


class Endpoint:
    """A view with its declaration. Calling it answers the request that Flask is at.

    `body_of` gives the type of the body for a champion or None, `query` and `returns` are types too; each is None where
    there is nothing to read or no JSON to return. `lines` is that of a line of NDJSON.
    `errors` are its statuses of failure, but for those of the gate.
    """

    def __init__(
        self, view: Callable, method: str, path: str, scope: str | None, media="", errors=(), body_of=None, lines=None
    ):
        if scope is not None and scope not in SCOPES:
            raise ValueError(f"{path}: unknown scope {scope!r}; allowed: {', '.join(SCOPES)}, or None for everybody")
        types = get_type_hints(view, include_extras=True)
        self.method, self.path, self.scope, self.media = method, path, scope, media
        self.name, self._view, self.lines = view.__name__, view, lines
        self.rule = re.sub(r"\{(\w+)\}", r"<text:\1>", path)
        self.summary, _, self.description = (inspect.getdoc(view) or "").partition("\n\n")
        self.returns, self.query = _data(types.pop("return")), types.get("query")
        self.body_of: Callable[[Any], Any] = body_of or (lambda model: types.get("body"))
        self.variables = {name: kind for name, kind in types.items() if f"{{{name}}}" in path}
        takes = [*types, "body" if body_of else "", "query" if self.variables else ""]
        self.errors = set(errors).union(*(ERRORS.get(name, ()) for name in takes))
        self.listed = "<" not in path  # others are files of pages
        self.rules = [self.rule, BASE + self.rule] if self.listed else [self.rule]
        self.tag = view.__module__.rpartition(".")[2]
        self.is_data = self.rule == path and self.listed and not media
        self._takes = [_take(name, kind) for name, kind in types.items()]

    def answer(self, app: Any, request: Request) -> Any:
        """The view's answer to `request`: a Response, or what is to be sent as JSON. Raises ApiError."""
        return self._view(*[take(app, request) for take in self._takes])

    def __call__(self, **variables: str) -> Response:
        answer = self.answer(current_app, current())
        return answer if isinstance(answer, Response) else Json(answer)


def endpoint(method: str, path: str, scope: str | None, **more: Any) -> Callable[[Callable], Endpoint]:
    """Declare a view. `scope` is what a key needs to call it, None opens it to everybody. `more` may be:

    - `media`: the type of content of the Response that the view returns
    - `errors`: statuses of failure that do not follow from the view's parameters
    - `lines`: the type of each line of a body of NDJSON, which the view takes, too
    - `body_of`: gives the type of the body for a champion or None, if it is the champion's; the view reads it itself
    """
    return lambda view: Endpoint(view, method, path, scope, **more)


def declared(package: ModuleType) -> list[Endpoint]:
    """The endpoints of all modules of the package, by path."""
    modules = [import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, Endpoint)}
    return sorted(found, key=lambda e: (e.path, e.method))


def _data(returned: Any) -> Any:
    """The type of the JSON that a view returns, None if it returns only a Response."""
    kinds = get_args(returned) if isinstance(returned, UnionType) else (returned,)
    return next((kind for kind in kinds if kind is not Response), None)


def _take(name: str, kind: Any) -> Callable[[Any, Request], Any]:
    """What gives a view's parameter of that name."""
    if name == "body":
        read_body = Reader(kind).body
        return lambda _, request: read_body(request.json_body())
    if name == "query":
        read_query = Reader(kind).query
        return lambda _, request: read_query(request.args.items())
    known = {"app": lambda app, _: app, "request": lambda _, request: request, "model": lambda app, _: app.serving()}
    return known.get(name) or _variable(name, kind)


def _variable(name: str, kind: Any) -> Callable[[Any, Request], Any]:
    read = Reader(msgspec.defstruct("Variable", [(name, kind)])).query
    return lambda _, request: getattr(read([(name, (request.view_args or {})[name])]), name)
