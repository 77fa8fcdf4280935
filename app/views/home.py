"""GET /: what this is. JSON for a program; for a browser a page that scores a shopper and an item."""

import re

import msgspec
from flask import Response, abort, render_template, send_from_directory

from app.access.keys import PREDICT
from app.http.answers import POLICY
from app.http.endpoint import endpoint
from app.http.requests import Request
from app.server import Server

HTML = "text/html; charset=utf-8"
MAY_LOAD = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# An executed notebook carries its scripts, styles and figures in itself; it may load nothing and touch nothing else.
REPORT_MAY_LOAD = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'none'"
)


class About(msgspec.Struct):
    """What this server is: the version that serves, and each endpoint with its method and summary."""

    name: str
    model_version: str | None
    endpoints: dict[str, str]


@endpoint("GET", "/", None, media="text/html")
def about(app: Server, request: Request) -> About | Response:
    """What this server is; to a browser, a page."""
    accepted = request.accept_mimetypes
    if accepted["text/html"] > accepted["application/json"]:
        return _page(app, request)
    listed: dict[str, str] = {}
    for each in filter(lambda e: e.listed, app.endpoints):
        said = f"{each.method}: {each.summary}"
        listed[each.path] = f"{listed[each.path]} {said}" if each.path in listed else said
    return About("willbuy", app.version, listed)


@endpoint("GET", "/reports/<name>.html", PREDICT, media="text/html")
def report(app: Server, request: Request, name: str) -> Response:
    """The executed notebook of a task, if there is one of that name."""
    if name not in _reports(app):
        abort(404)
    request.is_page = True
    response = send_from_directory(app.settings.products / "reports", f"{name}.html")
    response.headers[POLICY] = REPORT_MAY_LOAD
    return response


def _page(app: Server, request: Request) -> Response:
    request.is_page = True
    page = render_template("home.html", reports=_reports(app), keys=bool(app.settings.keys))
    return Response(page, headers={POLICY: MAY_LOAD, "Cache-Control": "no-store", "Vary": "Accept"}, content_type=HTML)


def _reports(app: Server) -> list[str]:
    names = (p.stem for p in (app.settings.products / "reports").glob("*.html") if re.fullmatch(r"[\w-]+", p.stem))
    return sorted(names, key=lambda name: (name != "evaluate", name))
