"""Is the process alive, can it predict, and what has it counted?"""

import msgspec
from flask import Response
from msgspec import UNSET, UnsetType
from prometheus_client import CONTENT_TYPE_LATEST

from app.http.endpoint import endpoint
from app.http.replies import Json
from app.server import NO_MODEL, Server

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


@endpoint("GET", "/livez", None)
def livez() -> Status:
    """Alive: 200 as long as the process answers."""
    return Status("ok")


@endpoint("GET", "/readyz", None, errors=[503])
def readyz(app: Server) -> Status | Response:
    """Ready to predict: 200 with a model loaded, also if it is the last good one in place of the champion; else 503."""
    if app.follow() is None:
        return Json(Status("no model"), 503)
    return Status("ready, with the last good model" if app.champion.problem else "ready")


@endpoint("GET", "/metrics", None, media="text/plain")
def metrics(app: Server) -> Response:
    """Counts for Prometheus: requests, latencies, rows, scores and models of all workers of this server."""
    return Response(app.metrics.exposition(app.workers), content_type=CONTENT_TYPE_LATEST)
