'''An endpoint: a view that says once where it is, who may call it, what it takes and what it answers.

    @endpoint("GET", "/echo", PREDICT)
    def echo(query: Text) -> Text:
        """Say it again."""
        return query

in a module of `app/views/` is all of it. Its decoder, the list of all problems, its scope, OpenAPI, the list at `/` and
docs/api.md come from here. A view's parameters are given by their names:

- `app`: the server; `request`: the request; any name not in this list: that variable of the path
- `model`: the champion; without one the answer is 503
- `body`, `query`: a struct, read from the body or from the URL's parameters; if it cannot be read the answer is 422

It returns a struct or a dict, which is answered as JSON, or a Response. Its docstring begins with its summary.
'''

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints

import msgspec
from flask import Response, current_app, request

from app.access.keys import SCOPES
from app.http.bodies import Body, Query
from app.http.replies import Json
from app.http.requests import Request

Take = Callable[[Any, Request], Any]
ERRORS = {"body": {400, 413, 415, 422}, "query": {422}, "model": {503}}


class Endpoint:
    """A view with its declaration. Calling it answers the request that Flask is at.

    `body_of` gives the type of the body for a champion or None, `query` and `returns` are types too; each is None where
    there is nothing to read or no JSON to return. `errors` are its statuses of failure, but for those of the gate.
    """

    def __init__(self, view: Callable, method: str, path: str, scope: str | None, media: str):
        if scope is not None and scope not in SCOPES:
            raise ValueError(f"{path}: unknown scope {scope!r}; allowed: {', '.join(SCOPES)}, or None for everybody")
        types = get_type_hints(view, include_extras=True)
        self.method, self.path, self.scope, self.media = method, path, scope, media
        self.name, self._view = view.__name__, view
        self.summary, _, self.description = (inspect.getdoc(view) or "").partition("\n\n")
        self.returns = _data(types.pop("return"))
        self.query: type[msgspec.Struct] | None = types.get("query")
        self.body_of: Callable[[Any], type[msgspec.Struct] | None] = lambda model: types.get("body")
        self.errors = set().union(*(ERRORS.get(name, ()) for name in types))
        self.listed = "<" not in path  # others are files of pages
        self.is_data = self.listed and not media
        self._takes = [_take(name, kind) for name, kind in types.items()]

    def answer(self, app: Any, request: Request) -> Response:
        """The view's answer to `request`. Raises ApiError."""
        answer = self._view(*[take(app, request) for take in self._takes])
        return answer if isinstance(answer, Response) else Json(answer)

    def __call__(self, **variables: str) -> Response:
        # Not the proxies: each use of one costs half a microsecond.
        return self.answer(current_app._get_current_object(), request._get_current_object())


def endpoint(
    method: str, path: str, scope: str | None, *, media: str = "", errors: Iterable[int] = (), body_of=None
) -> Callable[[Callable], Endpoint]:
    """Declare a view. `scope` is what a key needs to call it, None opens it to everybody.

    `errors` are statuses that do not follow from the parameters. A view whose body is of a type that the champion makes
    reads it itself, and tells the type with `body_of`.
    """

    def declare(view: Callable) -> Endpoint:
        made = Endpoint(view, method, path, scope, media)
        made.errors |= set(errors)
        if body_of:
            made.body_of, made.errors = body_of, made.errors | ERRORS["body"]
        return made

    return declare


def declared(package: ModuleType) -> list[Endpoint]:
    """The endpoints of all modules of the package, by path."""
    modules = [import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, Endpoint)}
    return sorted(found, key=lambda e: (e.path, e.method))


def _data(returned: Any) -> Any:
    """The type of the JSON that a view returns, None if it returns only a Response."""
    kinds = [
        kind
        for kind in (get_args(returned) if isinstance(returned, UnionType) else (returned,))
        if kind is not Response
    ]
    return kinds[0] if kinds else None


def _take(name: str, kind: Any) -> Take:
    """What gives a view's parameter of that name."""
    match name:
        case "app":
            return lambda app, _: app
        case "request":
            return lambda _, request: request
        case "model":
            return lambda app, _: app.serving()
        case "body":
            read = Body(kind).read
            return lambda _, request: read(request.json_body())
        case "query":
            read_query = Query(kind).read
            return lambda _, request: read_query(request.args.items())
    return lambda _, request: request.view_args[name]
