"""What the champion is, which versions there are, and putting another in its place."""

from __future__ import annotations

from typing import Annotated

import msgspec
import orjson
from flask import Blueprint, current_app, request

from app.access.gate import needs
from app.access.keys import ADMIN, PREDICT
from app.http.errors import ApiError
from app.http.replies import Json
from app.model.champion import SwapError
from app.model.served import UNREADABLE, ServedModel
from app.views.predict import champion
from willbuy.models.versions import versions

MODEL = "XGBoost"

blueprint = Blueprint("models", __name__)


class LoadModel(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /load-model."""

    version: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


@blueprint.get("/model-info")
@needs(PREDICT)
def model_info() -> Json:
    """The champion's card: what it is, how it was trained, how good it is, and what it reads."""
    model = champion(current_app)
    return Json(model.info | {"metrics": _metrics(model)})


@blueprint.get("/examples")
@needs(PREDICT)
def examples() -> Json:
    """Rows kept with the champion, from the least to the most probable, to start from."""
    model = champion(current_app)
    return Json({"model_version": model.version, "examples": model.examples})


@blueprint.get("/models")
@needs(PREDICT)
def list_models() -> Json:
    """All versions, oldest first, and which of them serves."""
    model = current_app.champion.current()
    serving = model.version if model else None
    return Json({"versions": versions(current_app.settings.models), "champion": serving})


@blueprint.post("/load-model")
@needs(ADMIN)
def load_model() -> Json:
    """Swap the champion for `version` in all workers; 409 if there is none such or it fails a check."""
    if not current_app.settings.keys:
        raise ApiError(403, "off", "without configured keys no model can be loaded; set WILLBUY_API_KEYS")
    before = current_app.champion.current()
    try:
        wanted = msgspec.json.decode(request.json_body(), type=LoadModel)
        model = current_app.champion.swap(wanted.version)
    except msgspec.ValidationError as error:
        raise ApiError(422, "invalid_request", f'{error}; the body should be {{"version": "…"}}') from None
    except UNREADABLE as error:
        raise ApiError(400, "broken_json", f"the body is not JSON: {error}") from None
    except SwapError as error:
        raise ApiError(409, "refused", str(error)) from None
    return Json({"model_version": model.version, "previous_version": before.version if before else None})


def _metrics(model: ServedModel) -> dict:
    """How good the model is, with intervals: on test if `evaluate` has looked at this version, else on validation."""
    try:
        found = orjson.loads((current_app.settings.products / "metrics.json").read_bytes())
        if found["version"] == model.version:
            return {"on": "test", **found["test"], "values": found["models"][MODEL]}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not built yet, or by something else: what the card says still holds
    validation = model.shown.get("validation", {})
    counts = {name: validation[name] for name in ("rows", "positives") if name in validation}
    return {"on": "validation", **counts, "values": validation.get("metrics", {}).get(MODEL, {})}
