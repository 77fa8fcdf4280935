"""GET /openapi.json and /docs: the API described, by the Swagger UI that a package ships. Nothing is fetched."""

from pathlib import Path

import flask_swagger_ui
from flask import Response, render_template, send_from_directory

from app.http import openapi
from app.http.answers import POLICY
from app.http.endpoint import endpoint
from app.http.requests import Request
from app.server import Server

ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
# Swagger UI styles by attributes and draws its arrows from data: URLs.
MAY_LOAD = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


@endpoint("GET", "/openapi.json", None)
def document(app: Server) -> dict:
    """This API, for machines: the OpenAPI document for the champion as it is now."""
    keys, limit = bool(app.settings.keys), bool(app.settings.rate_limit)
    return openapi.document(app.endpoints, app.champion.current(), keys, limit)


@endpoint("GET", "/docs", None, media="text/html")
def docs(request: Request) -> Response:
    """This API, to read and to try."""
    request.is_page = True
    return Response(render_template("docs.html"), headers={POLICY: MAY_LOAD}, content_type="text/html; charset=utf-8")


@endpoint("GET", "/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>", None, media="*/*")
def asset(request: Request, name: str) -> Response:
    """A file of Swagger UI."""
    request.is_page = True
    return send_from_directory(ASSETS, name, max_age=86400)
