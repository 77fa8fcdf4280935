"""GET /openapi.json and /docs: the API described, by the Swagger UI that a package ships. Nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, current_app, render_template, request, send_from_directory

from app.access.gate import needs
from app.http import openapi
from app.http.answers import POLICY
from app.http.replies import Json

ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
# Swagger UI styles by attributes and draws its arrows from data: URLs.
MAY_LOAD = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

blueprint = Blueprint("documentation", __name__)


@blueprint.get("/openapi.json")
@needs(None)
def document() -> Response:
    """The OpenAPI document for the champion as it is now."""
    settings = current_app.settings
    described = openapi.document(current_app.champion.current(), bool(settings.keys), bool(settings.rate_limit))
    return Json(described)


@blueprint.get("/docs")
@needs(None)
def docs() -> Response:
    """The API to read and to try."""
    request.is_page = True
    return Response(render_template("docs.html"), headers={POLICY: MAY_LOAD}, content_type="text/html; charset=utf-8")


@blueprint.get("/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>")
@needs(None)
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    request.is_page = True
    return send_from_directory(ASSETS, name, max_age=86400)
