"""An answer of JSON, sent as it is."""

from collections.abc import Iterable

import msgspec
from flask import Response

JSON = "application/json"
_encode = msgspec.json.Encoder().encode


class Json(Response):
    """`body`, a struct or a plain value, as JSON. All headers are known here; werkzeug would look for others."""

    def __init__(self, body: object, status: int = 200, headers: Iterable[tuple[str, str]] = ()):
        self._content, self._more = _encode(body), headers
        super().__init__(self._content, status, content_type=JSON)

    def get_wsgi_response(self, environ: dict) -> tuple[list[bytes], str, list[tuple[str, str]]]:
        content = self._content
        headers = [("Content-Type", JSON), ("Content-Length", str(len(content))), *self._more]
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content], self.status, headers
