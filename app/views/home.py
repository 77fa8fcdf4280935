"""GET /: what this is. JSON for a program; for a browser a page that scores a shopper and an item."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, current_app, render_template, request, send_from_directory

from app.access.gate import needs
from app.access.keys import PREDICT
from app.http.answers import POLICY
from app.http.replies import Json

HTML = "text/html; charset=utf-8"
MAY_LOAD = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# An executed notebook carries its scripts, styles and figures in itself; it may load nothing and touch nothing else.
REPORT_MAY_LOAD = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'none'"
)
ENDPOINTS = {
    "/predict": "POST rows of features or decision points, get probabilities",
    "/rank": "POST a shopper and items, get the likeliest buys",
    "/events": "POST what happened",
    "/items": "PUT what items are and cost",
    "/features": "what is known of a shopper and an item, in words",
    "/model-info": "what the model is and reads",
    "/examples": "rows to start from",
    "/models": "all versions",
    "/load-model": "POST a version to serve it",
    "/health": "alive and ready",
    "/metrics": "for Prometheus",
    "/docs": "this API, to read and to try",
    "/openapi.json": "this API, for machines",
}

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@needs(None)
def home() -> Response:
    """About the API; to a browser, a page."""
    accepted = request.accept_mimetypes
    if accepted["text/html"] > accepted["application/json"]:
        return _page()
    model = current_app.champion.current()
    about = {"name": "willbuy", "model_version": model.version if model else None, "endpoints": ENDPOINTS}
    return Json(about)


@blueprint.get("/reports/<name>.html")
@needs(PREDICT)
def report(name: str) -> Response:
    """The executed notebook of a task, if there is one of that name."""
    if name not in _reports():
        abort(404)
    request.is_page = True
    response = send_from_directory(current_app.settings.products / "reports", f"{name}.html")
    response.headers[POLICY] = REPORT_MAY_LOAD
    return response


def _page() -> Response:
    request.is_page = True
    page = render_template("home.html", reports=_reports(), keys=bool(current_app.settings.keys))
    return Response(page, headers={POLICY: MAY_LOAD, "Cache-Control": "no-store", "Vary": "Accept"}, content_type=HTML)


def _reports() -> list[str]:
    paths = (current_app.settings.products / "reports").glob("*.html")
    return sorted(
        (p.stem for p in paths if re.fullmatch(r"[\w-]+", p.stem)), key=lambda name: (name != "evaluate", name)
    )
