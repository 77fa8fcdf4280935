"""An answer of JSON, sent as it is, or compressed if it is large."""

import gzip
from collections.abc import Iterable

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
        content, more = self._content, list(self._more)
        if len(content) >= LARGE:
            more.append(("Vary", "Accept-Encoding"))
            if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
                content = gzip.compress(content, compresslevel=1, mtime=0)
                more.append(("Content-Encoding", "gzip"))
        headers = [("Content-Type", JSON), ("Content-Length", str(len(content))), *more]
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content], self.status, headers


def _takes_gzip(accepted: str) -> bool:
    return bool(accepted) and parse_accept_header(accepted, Accept)["gzip"] > 0
