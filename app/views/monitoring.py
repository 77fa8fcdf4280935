"""GET /metrics, for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from app.access.gate import needs

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/metrics")
@needs(None)
def metrics() -> Response:
    """Requests, latencies, rows, scores and model loads of all workers of this server."""
    return Response(current_app.metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
