"""What every answer carries and leaves behind: security headers, its request's id, a count and a log line."""

from collections.abc import Callable, Iterable
from time import perf_counter

from app import logs
from app.http import turns
from app.metrics import Metrics
from app.settings import Settings

ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
POLICY = "Content-Security-Policy"
DATA = [(POLICY, "default-src 'none'; frame-ancestors 'none'"), ("Cache-Control", "no-store")]
EXPOSED = "X-Request-ID, Retry-After"
PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", "Content-Type, X-API-Key, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
]


class Answers:
    """Wraps a WSGI app: out here a header is an item of a list, in Flask it costs some microseconds."""

    def __init__(self, inside: Callable, settings: Settings, metrics: Metrics):
        self._inside, self._metrics, self._origins = inside, metrics, settings.cors_origins

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        started = perf_counter()

        def start(status: str, headers: list, exc_info=None):
            request = environ["werkzeug.request"]
            headers += ALWAYS
            headers.append(("X-Request-ID", request.id))
            # A page brings its own policy; everything else is data.
            if not request.is_page:
                headers += DATA
            if self._origins:
                headers += self._cors(environ)
            self._record(request, int(status[:3]), perf_counter() - started)
            return start_response(status, headers)

        self._metrics.begin()
        turns.take()
        try:
            return self._inside(environ, start)
        finally:
            turns.give()
            self._metrics.end()

    def _cors(self, environ: dict) -> list[tuple[str, str]]:
        origin = environ.get("HTTP_ORIGIN")
        if origin not in self._origins:
            return [("Vary", "Origin")]
        allowed = [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED)]
        return [("Vary", "Origin"), *allowed, *(PREFLIGHT if environ["REQUEST_METHOD"] == "OPTIONS" else ())]

    def _record(self, request, status: int, seconds: float) -> None:
        rule = request.url_rule
        route = rule.rule if rule else None
        self._metrics.count_request(route, status, seconds)
        logs.write(
            "info",
            request_id=request.id,
            method=request.environ["REQUEST_METHOD"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 3),
            key=request.key,
            rows=request.rows,
            model_version=request.version,
        )
