"""POST /rank: of some items, those that a shopper is likeliest to buy."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np
from flask import Blueprint, current_app, request
from msgspec import UNSET, UnsetType

from app.access.gate import needs
from app.access.keys import PREDICT
from app.http.bodies import Body, rows_of
from app.http.replies import Json
from app.model.rows import MOST_ROWS, Time
from app.online import decisions
from app.online.features import Decision
from app.online.store.history import item_number
from app.views.events import Id
from app.views.predict import champion
from willbuy.clock import microseconds
from willbuy.schema import CART, DECISION_TYPES

TOP = 10


class Ranking(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /rank. All items are looked at in the same way at the same time, at their own prices."""

    user_id: Id
    items: rows_of(Id)
    # 3.0 is a whole number in JSON too, and no int to msgspec.
    top: Annotated[float, msgspec.Meta(ge=1, le=MOST_ROWS, multiple_of=1)] = TOP
    event_type: Literal[DECISION_TYPES] = DECISION_TYPES[0]
    timestamp: Time | UnsetType = UNSET


BODY = Body(
    Ranking,
    {
        "user_id": "text of 1 to 200 characters",
        "items": f"a list of 1 to {MOST_ROWS} item ids, each of 1 to 200 characters",
        "top": f"a whole number from 1 to {MOST_ROWS}",
        "event_type": ", ".join(DECISION_TYPES),
        "timestamp": "a time with its zone, like 2024-03-01T12:00:00Z",
    },
)

blueprint = Blueprint("rank", __name__)


@blueprint.post("/rank")
@needs(PREDICT)
def rank() -> Json:
    """The `top` likeliest buys, the likeliest first; equally likely ones in the order given."""
    model, received = champion(current_app), request._get_current_object()
    asked = BODY.read(received.json_body())
    items = list(dict.fromkeys(asked.items))
    received.rows, received.version = len(items), model.version
    computed = decisions.features(model, _decisions(asked, items), [None] * len(items), current_app.online)
    matrix = model.encoded(computed, current_app.online.catalogue.categories)
    probabilities = model.probabilities(matrix)
    current_app.metrics.count_scores(model.version, probabilities)
    best = np.argsort(-probabilities, kind="stable")[: int(asked.top)]
    ranked = [{"item_id": items[n], "probability": float(probabilities[n])} for n in best]
    return Json({"user_id": asked.user_id, "items": ranked, "model_version": model.version})


def _decisions(asked: Ranking, items: list[str]) -> list[Decision]:
    at = decisions.now() if asked.timestamp is UNSET else microseconds(asked.timestamp)
    is_cart = asked.event_type == CART
    return [Decision(asked.user_id, item_number(item), at, None, is_cart) for item in items]
