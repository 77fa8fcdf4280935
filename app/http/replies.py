"""An answer of JSON, sent as it is, or compressed if it is large."""

import gzip
from collections.abc import Callable, Iterable

import msgspec
from flask import Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

JSON = "application/json"
LARGE = 8192  # bytes from which on compressing is worth it
_encode = msgspec.json.Encoder().encode


class Json(Response):
    """`body`, a struct or a plain value, as JSON. All headers are known here; werkzeug would look for others."""

    def __init__(self, body: object, status: int = 200, headers: Iterable[tuple[str, str]] = ()):
        self._content, self._more = _encode(body), headers
        super().__init__(self._content, status, content_type=JSON)

    def get_wsgi_response(self, environ: dict) -> tuple[list[bytes], str, list[tuple[str, str]]]:
        content, headers = _as_sent(self._content, environ)
        return content, self.status, [*headers, *self._more]


class Plain:
    """Answers `body` with 200 just as Json would, for a tenth of what it costs: a WSGI app and no Response."""

    def __init__(self, body: object):
        self._content = _encode(body)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        content, headers = _as_sent(self._content, environ)
        start_response("200 OK", headers)
        return content


def _as_sent(content: bytes, environ: dict) -> tuple[list[bytes], list[tuple[str, str]]]:
    more = []
    if len(content) >= LARGE:
        more.append(("Vary", "Accept-Encoding"))
        if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            content = gzip.compress(content, compresslevel=1, mtime=0)
            more.append(("Content-Encoding", "gzip"))
    headers = [("Content-Type", JSON), ("Content-Length", str(len(content))), *more]
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content], headers


def _takes_gzip(accepted: str) -> bool:
    return bool(accepted) and parse_accept_header(accepted, Accept)["gzip"] > 0
