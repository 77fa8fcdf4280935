"""Is the process alive, can it predict, and what has it counted?"""

import msgspec
from flask import Response
from msgspec import UNSET, UnsetType
from prometheus_client import CONTENT_TYPE_LATEST

from app.http.endpoint import endpoint
from app.http.replies import Json
from app.server import NO_MODEL, Server
from app.settings import DRAINING
from app.state import State

BEHIND = "the champion was refused, and the last good model serves; the log and /models say why"


class Status(msgspec.Struct):
    """How it is."""

    status: str


class Health(Status):
    """How it is, and which model serves. `problem` says that there is none, or that a newer one was refused."""

    ready: bool
    model_version: str | None
    problem: str | UnsetType = UNSET


@endpoint("GET", "/health", None)
def health(app: Server) -> Health:
    """Alive, and which model is ready."""
    version = app.version
    problem = BEHIND if version else NO_MODEL
    return Health("ok", version is not None, version, problem if app.champion.problem else UNSET)


class Readiness(Status):
    """How it is, and whether the store of events answers."""

    store: bool


@endpoint("GET", "/livez", None)
def livez() -> Status:
    """Alive: 200 as long as the process answers."""
    return Status("ok")


@endpoint("GET", "/readyz", None, errors=[503])
def readyz(app: Server) -> Readiness | Response:
    """Ready to predict: 200 with a model loaded, also if it is the last good one in place of the champion; else 503.

    503 also from SIGTERM on, while the server still answers what comes: so a balancer sends no more in time.
    A store that does not answer leaves it at 200, since rows that bring their features need none; `store` says so.
    """
    store = app.online.answers()
    if (app.settings.state / DRAINING).exists():
        return Json(Readiness("the server ends: send no more requests", store), 503)
    if app.follow() is None:
        return Json(Readiness("no model", store), 503)
    ready = "ready, with the last good model" if app.champion.problem else "ready"
    return Readiness(ready if store else f"{ready}, but the store does not answer", store)


@endpoint("GET", "/metrics", None, media="text/plain")
def metrics(app: Server) -> Response:
    """Counts for Prometheus: requests, latencies, rows, scores and models of all workers of this server."""
    return Response(app.metrics.exposition(app.workers, State(app.online)), content_type=CONTENT_TYPE_LATEST)
