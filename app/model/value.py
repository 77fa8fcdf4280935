"""The expected value of a sale: probability x price, where the price is known."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from msgspec import UNSET, Meta, UnsetType

from app.http.words import says
from willbuy.features.definitions import NAMES

PRICE = "item_price"
PLACE = NAMES.index(PRICE)
EXPECTED = says("probability times the price of the decision point; left out where no price is known")
Expected = Annotated[Annotated[float, Meta(ge=0)] | UnsetType, EXPECTED]


def prices(rows: Sequence, computed: Mapping[int, np.ndarray]) -> list[float | None]:
    """The price in each of `rows`; of one whose features came from the store, by place, the price in `computed`."""
    found = [getattr(row, PRICE, None) for row in rows]
    for place, values in computed.items():
        found[place] = float(values[PLACE])
    return found


def expected(probability: float, price: float | None) -> float | UnsetType:
    """The expected value of one decision point; a price that is None or NaN is unknown."""
    return UNSET if price is None or price != price else probability * price
