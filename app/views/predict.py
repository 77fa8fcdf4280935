"""POST /predict: rows of features or decision points in, probabilities out, with reasons if asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flask import Blueprint, Flask, current_app, request

from app.access.gate import needs
from app.access.keys import PREDICT
from app.http.errors import ApiError
from app.http.problems import report
from app.http.replies import Json
from app.http.requests import Request
from app.model.served import UNREADABLE, ServedModel
from app.online import decisions

blueprint = Blueprint("predict", __name__)


@blueprint.post("/predict")
@needs(PREDICT)
def predict() -> Json:
    """Score 1 to 1,000 rows with the champion as it is when the request begins."""
    # For the route, its scope and its 405: a POST comes through app/shortcut.py, which calls `score` too.
    return score(current_app, request._get_current_object())


def score(app: Flask, received: Request) -> Json:
    """What /predict answers. Raises ApiError."""
    model = champion(app)
    asked = decode(model, received.json_body())
    received.rows, received.version = len(asked.features), model.version
    matrix = model.rows.matrix(asked.features)
    computed = decisions.fill(model, asked.features, matrix, app.online)
    margins = model.margins(matrix)
    probabilities = model.calibration(margins)
    app.metrics.count_scores(model.version, probabilities)
    threshold = model.threshold if asked.threshold is None else asked.threshold
    predictions = _predictions(asked, probabilities, threshold)
    said = {"predictions": predictions}
    if asked.return_features:
        for n, values in computed.items():
            predictions[n]["features"] = decisions.named(values, app.online)
    if asked.explain:
        said["base_log_odds"] = model.trees.expected
        _explain(predictions, model, matrix, margins, int(asked.explain))
    return Json(said | {"model_version": model.version, "threshold": threshold})


def champion(app: Flask) -> ServedModel:
    """The model that serves now. Raises ApiError 503 without one."""
    model = app.champion.current()
    if model is None:
        raise ApiError(503, "no_model", f"no model is loaded: {app.champion.problem}")
    return model


def decode(model: ServedModel, body: bytes):
    """The request in `body`. Raises ApiError 400 or 422 that lists everything wrong with it."""
    try:
        return model.rows.decode(body)
    except UNREADABLE:
        raise report(model.rows, body) from None


def _predictions(asked, probabilities: np.ndarray, threshold: float) -> list[dict]:
    pairs = zip(asked.features, probabilities.tolist(), strict=True)
    if not asked.return_probabilities:
        return [{"user_id": r.user_id, "item_id": r.item_id, "prediction": int(p >= threshold)} for r, p in pairs]
    return [
        {"user_id": r.user_id, "item_id": r.item_id, "prediction": int(p >= threshold), "probability": p}
        for r, p in pairs
    ]


def _explain(predictions: list[dict], model: ServedModel, matrix: np.ndarray, margins: np.ndarray, count: int) -> None:
    """Add to each prediction its log-odds before calibration and the `count` strongest shares of it."""
    shares = model.trees.contributions(matrix)
    for prediction, row, margin in zip(predictions, shares, margins.tolist(), strict=True):
        prediction["log_odds"] = margin
        prediction["contributions"] = list(_strongest(model.names, row, count))


def _strongest(names: tuple[str, ...], shares: np.ndarray, count: int) -> Iterator[dict]:
    for j in np.argsort(-np.abs(shares), kind="stable")[:count].tolist():
        yield {"feature": names[j], "contribution": float(shares[j])}
