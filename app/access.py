"""Who may ask what: keys with scopes, loopback without keys, the rate limit, and the headers of every answer."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from time import perf_counter

from flask import Flask, Response, request

from app import keys, logs
from app.errors import ApiError
from app.limits import RateLimit
from app.metrics import Metrics
from app.settings import Settings

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
SECURITY = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
POLICY, NO_STORE = ("Content-Security-Policy", API_POLICY), ("Cache-Control", "no-store")


def needs(scope: str | None) -> Callable:
    """Say of a view which scope its callers need; None opens it to all. Every view must say so."""

    def mark(view: Callable) -> Callable:
        view.scope = scope
        return view

    return mark


class Gate:
    """Stands before and after every view of `app`, once each."""

    def __init__(self, app: Flask, settings: Settings, metrics: Metrics):
        self._settings, self._metrics = settings, metrics
        self._scopes = {endpoint: _scope(endpoint, view) for endpoint, view in app.view_functions.items()}
        self._limit = None
        if settings.rate_limit:
            self._limit = RateLimit(settings.state, max(1, len(settings.keys)), settings.rate_limit)
        app.before_request(self.admit)
        app.after_request(self.finish)

    def admit(self) -> None:
        """Raise ApiError 401, 403 or 429 unless the request may go on to its view."""
        scope = self._scopes.get(request.endpoint)
        if not self._settings.keys:
            _require_loopback()
        elif scope and request.method != "OPTIONS":
            request.key = self._authorized(scope)
        if scope and self._limit and (wait := self._limit.wait(request.key or 0)):
            seconds = str(math.ceil(wait))
            allowed = f"{self._settings.rate_limit} requests a minute"
            raise ApiError(429, "rate_limited", f"more than {allowed}; wait {seconds} s", headers={"Retry-After": seconds})

    def finish(self, response: Response) -> Response:
        """Headers, count and log line of an answer."""
        headers, rule = response.headers, request.url_rule
        headers.extend(SECURITY)
        headers.add("X-Request-ID", request.id)
        if POLICY[0] not in headers:
            headers.extend((POLICY, NO_STORE))
        if self._settings.cors_origins:
            self._allow_origin(headers)
        seconds, route = perf_counter() - request.started, rule.rule if rule else None
        self._metrics.count_request(route, response.status_code, seconds)
        _log(response.status_code, route, seconds)
        return response

    def _authorized(self, scope: str) -> int:
        presented = request.environ.get("HTTP_X_API_KEY")
        place = keys.find(self._settings.keys, presented) if presented else None
        if place is None:
            what = "is not known" if presented else "is missing"
            raise ApiError(401, "unauthorized", f"X-API-Key {what}", headers={"WWW-Authenticate": 'ApiKey realm="willbuy"'})
        if scope not in self._settings.keys[place].scopes:
            raise ApiError(403, "forbidden", f"this key lacks the scope {scope!r}")
        return place

    def _allow_origin(self, headers) -> None:
        headers.add("Vary", "Origin")
        origin = request.environ.get("HTTP_ORIGIN")
        if origin not in self._settings.cors_origins:
            return
        headers.add("Access-Control-Allow-Origin", origin)
        headers.add("Access-Control-Expose-Headers", "X-Request-ID, Retry-After")
        if request.method == "OPTIONS":
            headers.add("Access-Control-Allow-Methods", headers.get("Allow", "GET, POST"))
            headers.add("Access-Control-Allow-Headers", "Content-Type, X-API-Key, X-Request-ID")
            headers.add("Access-Control-Max-Age", "600")


def _scope(endpoint: str, view: Callable) -> str | None:
    if endpoint != "static" and not hasattr(view, "scope"):
        raise TypeError(f"the view {endpoint} does not say with @needs who may call it")
    return getattr(view, "scope", None)


def _require_loopback() -> None:
    """Without keys: only this machine, also behind a proxy, and under a name of this machine (no DNS rebinding)."""
    environ = request.environ
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    addresses = [environ.get("REMOTE_ADDR", ""), *(forwarded.split(",") if forwarded else ())]
    host = environ.get("HTTP_HOST", "localhost").rpartition("@")[2]
    name = host[: host.find("]") + 1].strip("[]") if host.startswith("[") else host.partition(":")[0]
    if not all(map(_is_loopback, addresses)) or not (name == "localhost" or _is_loopback(name)):
        raise ApiError(403, "loopback_only", "no keys are configured, so only this machine is answered; set WILLBUY_API_KEYS")


def _is_loopback(address: str) -> bool:
    if address == "127.0.0.1":
        return True
    try:
        return ipaddress.ip_address(address.strip()).is_loopback
    except ValueError:
        return False


def _log(status: int, route: str | None, seconds: float) -> None:
    logs.write(
        "info",
        request_id=request.id,
        method=request.environ["REQUEST_METHOD"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 3),
        key=request.key,
        rows=request.rows,
        model_version=request.version,
    )
