"""Is the process alive, and can it predict?"""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, current_app

from app.access import needs
from app.errors import JSON

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@needs(None)
def health() -> Response:
    """Alive, and which model is ready, if any."""
    model = current_app.champion.current()
    ready = model is not None
    body = {"status": "ok", "ready": ready, "model_version": model.version if ready else None}
    return _json(body | ({"problem": current_app.champion.problem} if current_app.champion.problem else {}))


@blueprint.get("/livez")
@needs(None)
def livez() -> Response:
    """200 as long as the process answers."""
    return _json({"status": "ok"})


@blueprint.get("/readyz")
@needs(None)
def readyz() -> Response:
    """200 with a model loaded, else 503."""
    ready = current_app.champion.current() is not None
    return _json({"status": "ready" if ready else "no model"}, 200 if ready else 503)


def _json(body: dict, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type=JSON)
