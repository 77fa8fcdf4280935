"""A request as this app sees it: with an id, who asks, and a body of bounded size."""

from __future__ import annotations

import itertools
import os
import re

import flask

from app.http.errors import ApiError
from app.http.replies import JSON
from app.http.waiting import waiting

LARGEST_BODY = 8 * 1024 * 1024
_OWN = re.compile(r"[\w.:-]{1,64}").fullmatch
_prefix, _numbers = "", itertools.count(1)


def _new_prefix() -> None:
    global _prefix
    _prefix = os.urandom(6).hex()


_new_prefix()
os.register_at_fork(after_in_child=_new_prefix)  # or all workers would give their requests the same ids


def current() -> Request:
    """The request that Flask is at, and not its proxy: each use of that costs half a microsecond."""
    return flask.request._get_current_object()  # type: ignore[attr-defined]


def cut_off(came: int, expected: int) -> ApiError:
    """The answer to a body of which only some bytes came."""
    return ApiError(408, "request_timeout", f"{came} of {expected} bytes came; send the body again")


class Request(flask.Request):
    """`key` is the place of the key in the settings, `rows` and `version` what was scored: for the log.

    A view sets `is_page` if its answer is for a person and brings its own policy of what it may load.
    """

    key: int | None = None
    rows: int | None = None
    version: str | None = None
    is_page = False

    def __init__(self, environ, *args, **options):
        super().__init__(environ, *args, **options)
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.id = given if given and given.isascii() and _OWN(given) else f"{_prefix}-{next(_numbers):x}"

    def json_body(self) -> bytes:
        """The body. Raises ApiError if it does not say that it is plain JSON, or is larger than LARGEST_BODY bytes."""
        kind = self.environ.get("CONTENT_TYPE", "")
        if kind != JSON and kind.partition(";")[0].strip().lower() != JSON:
            raise ApiError(415, "unsupported_media_type", f"Content-Type is {kind or 'missing'!r}; allowed: {JSON}")
        self.refuse_coding()
        body = self._read()
        if len(body) > LARGEST_BODY:
            raise ApiError(413, "body_too_large", f"the body is larger than {LARGEST_BODY} bytes; send fewer rows")
        return body

    def refuse_coding(self) -> None:
        """Raise ApiError 415 if the body is compressed."""
        if coding := self.environ.get("HTTP_CONTENT_ENCODING"):
            raise ApiError(415, "unsupported_media_type", f"Content-Encoding is {coding!r}; send the body as it is")

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks, so that its length is not known."""
        return "chunked" in self.environ.get("HTTP_TRANSFER_ENCODING", "").lower()

    def _read(self) -> bytes:
        # Straight from the server's stream: werkzeug's wrapper of it costs as much as scoring a row.
        stream, length = self.environ["wsgi.input"], self.environ.get("CONTENT_LENGTH")
        if length and int(length) > LARGEST_BODY:
            return bytes(LARGEST_BODY + 1)
        size = int(length) if length else LARGEST_BODY + 1 if self.is_chunked else 0
        if not size:
            return b""
        with waiting:
            body = stream.read(size)
        if length and len(body) < size:
            raise cut_off(len(body), size)
        return body
