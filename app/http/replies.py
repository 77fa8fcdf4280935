"""An answer of JSON, sent as it is."""

from __future__ import annotations

import orjson
from flask import Response

JSON = "application/json"


class Json(Response):
    """`body`, a plain value, as JSON. Its two headers are known here; werkzeug would look for others at each answer."""

    def __init__(self, body: object, status: int = 200):
        super().__init__(orjson.dumps(body), status, content_type=JSON)

    def get_wsgi_response(self, environ: dict) -> tuple[list[bytes], str, list[tuple[str, str]]]:
        (content,) = self.response
        headers = [("Content-Type", JSON), ("Content-Length", str(len(content)))]
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content], self.status, headers
