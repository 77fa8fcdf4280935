"""The OpenAPI 3.1 document, written from the model that serves and from what the server was started with."""

from __future__ import annotations

from importlib.metadata import version

from app.http import openapi_online as online
from app.model.rows import IDS, LARGEST, MOST_ROWS
from app.model.served import ServedModel

TEXT, OBJECT, ARRAY = {"type": "string"}, "object", "array"
PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
ID = {"type": ["string", "null"], "maxLength": 200, "description": "comes back with the row's prediction"}
VERSION = {"type": "string", "minLength": 1, "maxLength": 100, "examples": ["xgboost_20240131_235959"]}
ERRORS = {
    "400": "the body is not JSON",
    "401": "X-API-Key is missing or not known",
    "403": "the key lacks the scope, or without configured keys the caller is not on this machine",
    "409": "the version is not there or fails a check; or it reads features that only the caller can send",
    "413": "the body is too large",
    "415": "the body does not say that it is JSON",
    "422": "the body is JSON, but not what is asked for; all problems are listed",
    "429": "more requests a minute than the key may make; Retry-After says when to come back",
    "503": "no model is loaded, or the store does not answer",
}


def document(model: ServedModel | None, keys: bool, limit: bool) -> dict:
    """The document for a server with or without a `model`, configured `keys` and a rate `limit`."""
    components: dict = {"schemas": {"Error": _error(), "Row": _row(model), "Predictions": _predictions()}}
    if keys:
        components["securitySchemes"] = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
    usual = ["401", "403"] if keys else ["403"]
    usual += ["429"] if limit else []
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "willbuy",
            "version": version("willbuy"),
            "description": "Will this shopper buy this item within the horizon?",
        },
        "paths": {path: _secured(item, usual, keys) for path, item in (_paths(model) | _online()).items()},
        "components": components,
    }


def _paths(model: ServedModel | None) -> dict:
    body = {"type": OBJECT, "required": ["version"], "properties": {"version": VERSION}, "additionalProperties": False}
    return {
        "/": {"get": _operation("about", "What this server is; a page for a browser", "200", html=True)},
        "/health": {"get": _operation("health", "Alive, and which model is ready", "200")},
        "/livez": {"get": _operation("livez", "Alive", "200")},
        "/readyz": {"get": _operation("readyz", "Ready to predict", "200", "503")},
        "/metrics": {"get": _operation("metrics", "Counts for Prometheus", "200", kind="text/plain")},
        "/predict": {
            "post": _operation(
                "predict", "Score rows", "200", "400", "409", "413", "415", "422", "503", scope="predict"
            )
            | {"requestBody": _body(_request(), _example(model))}
        },
        "/model-info": {"get": _operation("modelInfo", "The champion's card", "200", "503", scope="predict")},
        "/examples": {"get": _operation("examples", "Rows to start from", "200", "503", scope="predict")},
        "/models": {"get": _operation("models", "All versions", "200", scope="predict")},
        "/load-model": {
            "post": _operation(
                "loadModel", "Swap the champion", "200", "400", "409", "413", "415", "422", scope="admin"
            )
            | {"requestBody": _body(body, {"version": model.version if model else "xgboost_20240131_235959"})}
        },
    }


def _online() -> dict:
    """The paths of the store, with the same words for the same failures."""
    failures = ["400", "409", "413", "415", "422", "503"]
    made = {}
    for path, (method, name, summary, scope, (schema, example), answer) in online.paths().items():
        operation = _operation(name, summary, "200", *failures, scope=scope, answer=answer)
        made[path] = {method: operation | {"requestBody": _body(schema, example)}}
    about = "Every feature of a shopper and an item, with its definition"
    features = _operation(
        "features", about, "200", "409", "422", "503", scope="predict", answer=online.features_answer()
    )
    return made | {"/features": {"get": features | {"parameters": online.query()}}}


def _operation(
    name: str,
    summary: str,
    *statuses: str,
    scope: str = "",
    kind: str = "application/json",
    html: bool = False,
    answer: dict | None = None,
) -> dict:
    answer = answer or ({"$ref": "#/components/schemas/Predictions"} if name == "predict" else {"type": OBJECT})
    content = {kind: {"schema": answer if kind == "application/json" else TEXT}}
    content |= {"text/html": {"schema": TEXT}} if html else {}
    responses = {"200": {"description": summary, "content": content}}
    responses |= {status: _failure(status) for status in statuses if status != "200"}
    return {"operationId": name, "summary": summary, "responses": responses, "x-scope": scope}


def _secured(item: dict, usual: list[str], keys: bool) -> dict:
    """Add to every operation what any of its kind may answer, and the key it needs."""
    for operation in item.values():
        scope = operation.pop("x-scope")
        statuses = usual if scope else [s for s in usual if s == "403" and not keys]
        operation["responses"] |= {status: _failure(status) for status in statuses}
        if keys and scope:
            operation |= {"security": [{"ApiKey": []}], "description": f"Needs a key with the scope `{scope}`."}
    return item


def _failure(status: str) -> dict:
    if status == "503":
        # /readyz says it in its own words.
        return {"description": ERRORS[status], "content": {"application/json": {"schema": {"type": OBJECT}}}}
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": ERRORS[status], "content": {"application/json": {"schema": schema}}}


def _body(schema: dict, example: dict) -> dict:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _request() -> dict:
    rows = {"type": ARRAY, "minItems": 1, "maxItems": MOST_ROWS, "items": {"$ref": "#/components/schemas/Row"}}
    properties = {
        "features": rows,
        "return_probabilities": {"type": "boolean", "default": True},
        "threshold": {**PROBABILITY, "type": ["number", "null"], "description": "null: the model's own"},
        "explain": {"type": "integer", "minimum": 0, "maximum": 1000, "description": "how many reasons a row"},
        "return_features": {"type": "boolean", "default": False, "description": "those that the store told"},
    }
    return {"type": OBJECT, "required": ["features"], "properties": properties, "additionalProperties": False}


def _row(model: ServedModel | None) -> dict:
    properties = dict.fromkeys(IDS, ID)
    for feature in model.card.features if model else ():
        properties[feature.name] = _feature(feature, model.card.levels.get(feature.name))
    description = "A feature that is left out, or null, is missing; it is never taken for 0."
    return {"anyOf": [online.closed(properties) | {"description": description}, online.decision()]}


def _feature(feature, levels: list[str] | None) -> dict:
    unit = f" ({feature.unit})" if feature.unit else ""
    described = {"description": feature.description + unit}
    if levels is not None:
        return {"enum": [*levels, None], **described}
    return {"type": ["number", "null"], "minimum": -LARGEST, "maximum": LARGEST, **described}


def _predictions() -> dict:
    share = {"type": OBJECT, "properties": {"feature": TEXT, "contribution": {"type": "number"}}}
    row = {
        "user_id": ID,
        "item_id": ID,
        "prediction": {"enum": [0, 1], "description": "1 if the probability is at least the threshold"},
        "probability": {**PROBABILITY, "description": "that the shopper buys the item within the horizon"},
        "features": {"type": OBJECT, "description": "all features, of a row that brought none"},
        "log_odds": {"type": "number", "description": "what the trees say, before calibration"},
        "contributions": {
            "type": ARRAY,
            "items": share,
            "description": "exact Shapley shares (TreeSHAP) of log_odds - base_log_odds, the strongest first",
        },
    }
    properties = {
        "predictions": {"type": ARRAY, "items": {"type": OBJECT, "required": ["prediction"], "properties": row}},
        "model_version": TEXT,
        "threshold": PROBABILITY,
        "base_log_odds": {"type": "number", "description": "log-odds before any feature is known"},
    }
    return {"type": OBJECT, "required": ["predictions", "model_version", "threshold"], "properties": properties}


def _error() -> dict:
    problem = {
        "row": {"type": ["integer", "null"]},
        "field": {"type": ["string", "null"]},
        "problem": TEXT,
        "allowed": TEXT,
    }
    details = {"type": ARRAY, "items": {"type": OBJECT, "properties": problem}}
    properties = {"type": TEXT, "message": TEXT, "request_id": TEXT, "details": details}
    error = {"type": OBJECT, "required": ["type", "message", "request_id"], "properties": properties}
    return {"type": OBJECT, "required": ["error"], "properties": {"error": error}}


def _example(model: ServedModel | None) -> dict:
    row = {"user_id": "user_000042", "item_id": "item_000007"}
    if model:
        row |= {name: value for name, value in model.examples[-1]["features"].items() if value is not None}
    return {"features": [row], "return_probabilities": True, "threshold": None, "explain": 3}
