"""Every error is JSON of one shape: what is wrong, where, and what is allowed."""

import traceback
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app import logs
from app.http.replies import Json
from app.online.store import StoreError

MOST_TOLD = 100  # problems of one request


class Problem(msgspec.Struct):
    """One thing that is wrong with a request: in which row and field, if it is in one, and what is allowed there."""

    row: int | None
    field: str | None
    problem: str
    allowed: str


class Reason(msgspec.Struct, omit_defaults=True):
    """What went wrong: `type` for a program, `message` for a person, `request_id` to find it in the log."""

    type: str
    message: str
    request_id: str
    details: list[Problem] = []


class Error(msgspec.Struct):
    """The answer to a request that failed."""

    error: Reason


class ApiError(HTTPException):
    """An answer of status `code` with a machine-readable `kind`; `details` are Problems, `headers` are added."""

    def __init__(self, code: int, kind: str, message: str, details: Sequence = (), headers: Mapping | None = None):
        super().__init__(message)
        self.code, self.kind, self.details, self.headers = code, kind, list(details), headers or {}


def invalid(problems: Iterable[Problem], message: str = "") -> ApiError:
    """The answer to a request that is not what is asked for: the first MOST_TOLD problems, and how many there are."""
    remaining = iter(problems)
    told = list(islice(remaining, MOST_TOLD))
    more = sum(1 for _ in remaining)
    count = len(told) + more
    said = f"{count} problem{'s' if count > 1 else ''}; nothing was done"
    said += f"; the first {MOST_TOLD} are told" if more else ""
    return ApiError(422, "invalid_request", message or said, told)


def unavailable(error: StoreError, problems: Sequence[Problem] = ()) -> ApiError:
    """The answer when the store does not answer: nothing was computed or taken, and later it may be."""
    # Where the store is, and of whom it was asked, is for the log.
    logs.write("error", event="the store does not answer", problem=str(error))
    message = "the store does not answer, try again"
    return ApiError(503, "store_unavailable", message, problems, {"Retry-After": "1"})


def answer(error: Exception, request_id: str) -> Response:
    """The error as JSON. What its kind of error says in headers (Allow, Retry-After) stays."""
    if isinstance(error, StoreError):
        error = unavailable(error)
    elif not isinstance(error, HTTPException):
        error = _unexpected(error, request_id)
    kind = getattr(error, "kind", (error.name or "error").lower().replace(" ", "_"))
    reason = Reason(kind, error.description or "", request_id, getattr(error, "details", []))
    return Json(Error(reason), error.code or 500, _headers(error).items())


def _unexpected(error: Exception, request_id: str) -> ApiError:
    """A 500 that tells nothing but the request's id; the log tells where it happened, without any value."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    logs.write("error", request_id=request_id, error=type(error).__name__, at=frames[-8:])
    return ApiError(500, "internal_error", "the server failed; its log has the details under this request_id")


def _headers(error: HTTPException) -> Mapping[str, str]:
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return {"Allow": ", ".join(sorted(error.valid_methods))}
    return getattr(error, "headers", {})
