"""Is the process alive, and can it predict?"""

from __future__ import annotations

from flask import Blueprint, current_app

from app.access.gate import needs
from app.http.replies import Json

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@needs(None)
def health() -> Json:
    """Alive, and which model is ready, if any."""
    model = current_app.champion.current()
    ready = model is not None
    body = {"status": "ok", "ready": ready, "model_version": model.version if ready else None}
    return Json(body | ({"problem": current_app.champion.problem} if current_app.champion.problem else {}))


@blueprint.get("/livez")
@needs(None)
def livez() -> Json:
    """200 as long as the process answers."""
    return Json({"status": "ok"})


@blueprint.get("/readyz")
@needs(None)
def readyz() -> Json:
    """200 with a model loaded, else 503."""
    ready = current_app.champion.current() is not None
    return Json({"status": "ready" if ready else "no model"}, 200 if ready else 503)
