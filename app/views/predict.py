"""POST /predict: rows of features or decision points in, probabilities out, with reasons if asked for."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from app.access.keys import PREDICT
from app.http.endpoint import endpoint
from app.http.fields import Count, Probability
from app.http.requests import Request
from app.http.words import says
from app.model import value
from app.model.rows import Name, Scoring
from app.model.served import ServedModel
from app.online import decisions
from app.online.context import contexts
from app.server import Server

MOST_MISSING = 20  # names a row
MISSING = says(
    "features that have a value in every row of training and none here, so that the probability is of a row like none "
    f"there; the first {MOST_MISSING}"
)
Values = dict[str, float | str | None]
Names = Annotated[list[str], Meta(max_length=MOST_MISSING)]


class Contribution(msgspec.Struct, gc=False):
    """What a feature adds to the log-odds: in trees its exact Shapley value (TreeSHAP), else coefficient × distance."""

    feature: str
    contribution: float


class Prediction(msgspec.Struct, gc=False):
    """What the champion says of a row."""

    user_id: Name | None
    item_id: Name | None
    prediction: Annotated[int, says("1 if the probability is at least the threshold", ge=0, le=1)]
    probability: Annotated[Probability | UnsetType, says("of what `predicts` says in /model-info")] = UNSET
    expected_value: value.Expected = UNSET
    missing: Annotated[Names | UnsetType, MISSING] = UNSET
    missing_count: Annotated[Count | UnsetType, says("how many there are")] = UNSET
    unknown: decisions.Unknown = UNSET
    features: Annotated[Values | UnsetType, says("all features, of a row that brought none")] = UNSET
    log_odds: Annotated[float | UnsetType, says("what the model says, before calibration")] = UNSET
    contributions: Annotated[list[Contribution] | UnsetType, says("the strongest; all add up to log_odds")] = UNSET


class Predictions(msgspec.Struct, kw_only=True):
    """A prediction for each row, in order."""

    predictions: list[Prediction]
    base_log_odds: Annotated[float | UnsetType, says("before any feature is known")] = UNSET
    model_version: str
    threshold: Probability


@endpoint("POST", "/predict", PREDICT, errors=[409], body_of=lambda model: model.rows.reader.kind if model else Scoring)
def predict(app: Server, request: Request, model: ServedModel) -> Predictions:
    """Score rows with the champion as it is when the request begins."""
    body: Scoring = model.rows.reader.body(request.json_body())
    request.rows, request.version = len(body.features), model.version
    matrix = model.rows.matrix(body.features)
    computed = decisions.fill(model, body.features, matrix, app.online)
    margins = model.margins(matrix)
    probabilities = model.calibration(margins)
    missing = model.rows.missing(matrix)
    app.metrics.count_scores(model.version, probabilities, len(missing))
    threshold = model.threshold if body.threshold is None else body.threshold
    prices = value.prices(body.features, computed)
    predictions = _predictions(body, probabilities, prices, threshold)
    for n, names in missing.items():
        predictions[n].missing, predictions[n].missing_count = names[:MOST_MISSING], len(names)
    if computed:
        _tell_unknown(app, predictions, computed)
    if body.return_features:
        for n, values in computed.items():
            (context,) = contexts(model, [body.features[n]], [n])
            predictions[n].features = decisions.named(values, app.online) | context
    if body.explain:
        _explain(predictions, model, matrix, margins, int(body.explain))
    base = model.predictor.expected if body.explain else UNSET
    return Predictions(predictions=predictions, base_log_odds=base, model_version=model.version, threshold=threshold)


def _predictions(
    asked: Scoring, probabilities: np.ndarray, prices: list[float | None], threshold: float
) -> list[Prediction]:
    rows = zip(asked.features, probabilities.tolist(), prices, strict=True)
    if asked.return_probabilities:
        return [
            Prediction(row.user_id, row.item_id, int(p >= threshold), p, value.expected(p, price))
            for row, p, price in rows
        ]
    return [Prediction(row.user_id, row.item_id, int(p >= threshold)) for row, p, _ in rows]


def _tell_unknown(app: Server, predictions: list[Prediction], computed: dict[int, np.ndarray]) -> None:
    mine = [predictions[n] for n in computed]
    items = [str(prediction.item_id) for prediction in mine]
    unknown = decisions.unknown(np.stack([*computed.values()], axis=1), items, app.online)
    app.metrics.count_unknown(unknown)
    for prediction, names in zip(mine, unknown, strict=True):
        prediction.unknown = names or UNSET


def _explain(
    predictions: list[Prediction], model: ServedModel, matrix: np.ndarray, margins: np.ndarray, count: int
) -> None:
    """Add to each prediction its log-odds before calibration and the `count` strongest shares of it."""
    shares = model.predictor.contributions(matrix)
    for prediction, row, margin in zip(predictions, shares, margins.tolist(), strict=True):
        prediction.log_odds = margin
        prediction.contributions = list(_strongest(model.names, row, count))


def _strongest(names: tuple[str, ...], shares: np.ndarray, count: int) -> Iterator[Contribution]:
    for j in np.argsort(-np.abs(shares), kind="stable")[:count].tolist():
        yield Contribution(names[j], float(shares[j]))
