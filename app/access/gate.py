"""Who may call what: keys with scopes, only loopback without keys, and the rate limit."""

import ipaddress
import math
from collections.abc import Callable, Mapping

from app.access import keys
from app.access.guesses import Guesses
from app.access.limits import RateLimit
from app.http.errors import ApiError
from app.http.requests import Request
from app.settings import Keys, Settings

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


class Gate:
    """Stands before all `views`, which are Flask's by endpoint: each says with `scope` what a key needs to call it.

    Raises TypeError for a view that does not.
    """

    def __init__(self, views: Mapping[str, Callable], settings: Settings):
        self._allowed, self._state = settings.rate_limit, settings.state
        # None is what matches no route. A route that came later is not here, and so not open to anybody.
        self._scopes: dict[str | None, str | None] = {None: None}
        self._scopes |= {endpoint: _scope(endpoint, view) for endpoint, view in views.items()}
        self._guesses = Guesses(settings.state)
        self.use(settings.keys)

    def use(self, known: Keys) -> None:
        """Let in the keys `known` from now on. A key in a new place begins with what the limit has of that place."""
        self._limit = RateLimit(self._state, max(1, len(known)), self._allowed) if self._allowed else None
        self._keys = known

    def admit(self, asked: Request) -> None:
        """Raise ApiError 401, 403 or 429 unless the request may go on to its view."""
        scope = self._scopes[asked.endpoint]
        if not self._keys:
            _require_loopback(asked.environ)
            if scope == keys.ADMIN and asked.method != "OPTIONS":
                raise ApiError(403, "off", f"{asked.path} is off without configured keys; set WILLBUY_API_KEYS")
        elif scope and asked.method != "OPTIONS":
            asked.key = self._authorized(asked.environ, scope)
        if scope and self._limit and (wait := self._limit.wait(asked.key or 0)):
            raise _too_many(f"more than {self._allowed} requests a minute with this key", wait)

    def _authorized(self, environ: Mapping[str, str], scope: str) -> int:
        presented = environ.get("HTTP_X_API_KEY")
        place = keys.find(self._keys, presented) if presented else None
        if presented and (wait := self._guesses.wait(_caller(environ), place)):
            raise _too_many("too many wrong keys from this address", wait)
        if place is None:
            what = "is not known" if presented else "is missing"
            challenge = {"WWW-Authenticate": 'ApiKey realm="willbuy"'}
            raise ApiError(401, "unauthorized", f"X-API-Key {what}", headers=challenge)
        if not self._keys[place].may(scope):
            raise ApiError(403, "forbidden", f"this key lacks the scope {scope!r}")
        return place


def _too_many(what: str, wait: float) -> ApiError:
    seconds = str(math.ceil(wait))
    return ApiError(429, "rate_limited", f"{what}; wait {seconds} s", headers={"Retry-After": seconds})


def _caller(environ: Mapping[str, str]) -> str:
    """The address of whoever asks. A proxy on this machine says it last of all that is said of it."""
    address = environ.get("REMOTE_ADDR", "")
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip() or address if _is_loopback(address) else address


def _scope(endpoint: str, view: Callable) -> str | None:
    if endpoint != "static" and not hasattr(view, "scope"):
        raise TypeError(f"the view {endpoint} has no scope: declare it with app.http.endpoint")
    return getattr(view, "scope", None)


def _require_loopback(environ: Mapping[str, str]) -> None:
    """Without keys: only this machine, without a proxy, and under a name of this machine (no DNS rebinding).

    What a proxy says of who asks cannot be told from what whoever asks says: X_Forwarded_For has the same name here.
    """
    name = _host_name(environ.get("HTTP_HOST", "localhost"))
    is_here = _is_loopback(environ.get("REMOTE_ADDR", "")) and (name == "localhost" or _is_loopback(name))
    if not is_here or any(header in environ for header in FORWARDED):
        message = "no keys are configured, so only this machine is answered; set WILLBUY_API_KEYS"
        raise ApiError(403, "loopback_only", message)


def _host_name(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_loopback(address: str) -> bool:
    if address == "127.0.0.1":
        return True
    try:
        return ipaddress.ip_address(address.strip()).is_loopback
    except ValueError:
        return False
