"""POST /rank: of some items, those that a shopper is likeliest to buy, or whose sale is worth most."""

from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from app.access.keys import PREDICT
from app.http.endpoint import endpoint
from app.http.fields import MOST_ROWS, Batch, Context, DecisionType, ItemId, Probability, Time, UserId, Whole
from app.http.requests import Request
from app.http.times import time_of
from app.http.words import says
from app.model import value
from app.model.rows import CIRCUMSTANCES, circumstances_of
from app.model.served import ServedModel
from app.online import decisions
from app.online.context import contexts
from app.online.features import Decision
from app.online.records import item_number
from app.server import Server
from willbuy.schema import CART, VIEW

BY = "`value`: by expected value, probability times price; items without a known price come last"


class Ranking(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /rank. All items are looked at in the same way at the same time, at their own prices."""

    user_id: UserId
    items: Batch[ItemId]
    top: Annotated[Whole, says("how many items to answer", ge=1, le=MOST_ROWS)] = 10
    by: Annotated[Literal["probability", "value"], says(BY)] = "probability"
    event_type: DecisionType = VIEW
    timestamp: Annotated[Time | UnsetType, says("now if left out")] = UNSET
    context: Annotated[Context | None, says(CIRCUMSTANCES)] = None


class Ranked(msgspec.Struct, gc=False):
    """An item and the probability that the shopper buys it, as `predicts` says in /model-info."""

    item_id: ItemId
    probability: Probability
    expected_value: value.Expected = UNSET
    unknown: decisions.Unknown = UNSET


class Likeliest(msgspec.Struct):
    """The best buys, the best first."""

    user_id: UserId
    items: list[Ranked]
    model_version: str


@lru_cache(maxsize=8)
def _told(names: tuple[str, ...]) -> type[msgspec.Struct]:
    """The body as the documentation tells it, of a model with the columns `names`."""
    context = ("context", Annotated[Context | None, circumstances_of(names)], None)
    return msgspec.defstruct("Ranking", [context], bases=(Ranking,), forbid_unknown_fields=True)


@endpoint("POST", "/rank", PREDICT, errors=[409], body_of=lambda model: _told(model.names) if model else Ranking)
def rank(app: Server, request: Request, model: ServedModel, body: Ranking) -> Likeliest:
    """The likeliest buys of a shopper among items, or those worth most; equally good ones in the order given."""
    items = list(dict.fromkeys(body.items))
    context = contexts(model, [body], [None]) * len(items)
    request.rows, request.version = len(items), model.version
    computed = decisions.features(model, _decisions(app, body, items), [None] * len(items), app.online)
    probabilities = model.probabilities(model.encoded(computed, app.online.catalogue.categories, context))
    app.metrics.count_scores(model.version, probabilities)
    unknown = decisions.unknown(computed, items, app.online)
    app.metrics.count_unknown(unknown)
    prices = computed[value.PLACE]
    worth = probabilities * prices if body.by == "value" else probabilities
    best = np.argsort(-worth, kind="stable")[: int(body.top)]  # NaN, an unknown price, comes last
    ranked = [_ranked(items[n], float(probabilities[n]), float(prices[n]), unknown[n]) for n in best]
    return Likeliest(body.user_id, ranked, model.version)


def _ranked(item: str, probability: float, price: float, unknown: list) -> Ranked:
    return Ranked(item, probability, value.expected(probability, price), unknown or UNSET)


def _decisions(app: Server, asked: Ranking, items: list[str]) -> list[Decision]:
    time = app.online.now() if asked.timestamp is UNSET else time_of(asked.timestamp, "timestamp")
    return [Decision(asked.user_id, item_number(item), time, None, asked.event_type == CART) for item in items]
