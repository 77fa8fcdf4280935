"""Every error is JSON of one shape: what is wrong, where, and what is allowed."""

from __future__ import annotations

import traceback

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app import logs
from app.http.replies import JSON
from app.online.store import StoreError


class ApiError(HTTPException):
    """An answer of status `code` with a machine-readable `kind`; `details` are plain JSON, `headers` are added."""

    def __init__(self, code: int, kind: str, message: str, details: list | None = None, headers: dict | None = None):
        super().__init__(message)
        self.code, self.kind, self.details, self.headers = code, kind, details or [], headers or {}


def register(app: Flask) -> None:
    """Answer all errors of `app` in this shape."""
    app.register_error_handler(Exception, lambda error: answer(error, request.id))


def answer(error: Exception, request_id: str) -> Response:
    """The error as JSON. What its kind of error says in headers (Allow, Retry-After) stays."""
    if isinstance(error, StoreError):
        error = unavailable(error)
    elif not isinstance(error, HTTPException):
        error = _unexpected(error, request_id)
    kind = getattr(error, "kind", (error.name or "error").lower().replace(" ", "_"))
    body = {"type": kind, "message": error.description, "request_id": request_id}
    if details := getattr(error, "details", None):
        body["details"] = details
    response = Response(orjson.dumps({"error": body}), error.code, content_type=JSON)
    for name, value in _headers(error).items():
        response.headers[name] = value
    return response


def unavailable(error: StoreError, details: list | None = None) -> ApiError:
    """The answer when the store does not: nothing was computed or taken, and later it may be."""
    message = f"the store does not answer, try again: {error}"
    return ApiError(503, "store_unavailable", message, details, {"Retry-After": "1"})


def _unexpected(error: Exception, request_id: str) -> ApiError:
    """A 500 that tells nothing but the request's id; the log tells where it happened, without any value."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    logs.write("error", request_id=request_id, error=type(error).__name__, at=frames[-8:])
    return ApiError(500, "internal_error", "the server failed; its log has the details under this request_id")


def _headers(error: HTTPException) -> dict:
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return {"Allow": ", ".join(sorted(error.valid_methods))}
    return getattr(error, "headers", {})
