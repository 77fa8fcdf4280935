"""From arrays to the tables of `willbuy.schema`."""

import numpy as np
import pyarrow as pa

from willbuy import schema
from willbuy.clock import DAY_US, SECOND_US
from willbuy.shop.catalogue import CATEGORIES, Catalogue
from willbuy.shop.circumstances import CHANNELS, DEVICES, Circumstances
from willbuy.shop.looking import Looks
from willbuy.shop.personas import PERSONAS, Population
from willbuy.shop.timeline import HOUR_SECONDS, Timeline
from willbuy.shop.truth import Truth

# Beyond this many digits two machines' exp and log may differ; the truth is the same on both up to here.
PROBABILITY_DIGITS = 9


def events(
    line: Timeline, looks: Looks, came: Circumstances, catalogue: Catalogue, truth: Truth, opened: int, users: int
):
    """The events table and the truth table, both in order of time. `opened` is the log's start in µs since 1970."""
    order = np.lexsort((looks.user[line.look], line.microsecond))
    look, kind, when = line.look[order], line.type[order], line.microsecond[order]
    item, session = looks.item[look], looks.session[look]
    dwell = line.dwell[order]
    columns = {
        "user_id": _names("u", looks.user[look], users),
        "item_id": _names("i", item, len(catalogue)),
        "event_type": _labels(schema.EVENT_TYPES, kind),
        "timestamp": _times(when + opened),
        "price": pa.array(catalogue.price(item, when // DAY_US)),
        "duration_seconds": pa.array(dwell, mask=np.isnan(dwell)),
    }
    context = {
        f"{schema.CONTEXT}channel": _labels(CHANNELS, came.channel[session]),
        f"{schema.CONTEXT}device": _labels(DEVICES, came.device[session]),
    }
    table = pa.table(columns | context, schema=schema.EVENTS.extended(context))
    return table, _truth(table, truth, look, kind, line.second[order])


def _truth(table: pa.Table, truth: Truth, look: np.ndarray, kind: np.ndarray, second: np.ndarray) -> pa.Table:
    view, cart = (kind == schema.EVENT_TYPES.index(name) for name in schema.DECISION_TYPES)
    decides = np.flatnonzero(view | cart)
    look, second = look[decides], second[decides]
    of_view = np.where(second, truth.second_view[look], truth.first_view[look])
    probability = np.where(cart[decides], truth.cart[look], of_view)
    table = table.select(["user_id", "item_id", "timestamp", "event_type"]).take(pa.array(decides))
    table = table.append_column("probability", pa.array(np.round(probability, PROBABILITY_DIGITS)))
    return table.cast(schema.TRUTH.arrow)


def items(catalogue: Catalogue) -> pa.Table:
    """The items table, with each item's `popularity` and `quality`."""
    return pa.table(
        {
            "item_id": _names("i", np.arange(len(catalogue)), len(catalogue)),
            "category": _labels([c.name for c in CATEGORIES], catalogue.category),
            "base_price": pa.array(catalogue.base_price),
            "popularity": pa.array(catalogue.weight),
            "quality": pa.array(catalogue.quality),
        },
        schema=pa.schema([*schema.ITEMS.arrow, ("popularity", pa.float64()), ("quality", pa.float64())]),
    )


def users(population: Population, line: Timeline, looks: Looks, opened: int) -> pa.Table:
    """The users table; `first_seen` is null for a user who never came."""
    never = np.iinfo(np.int64).max
    first = np.full(len(population), never)
    np.minimum.at(first, looks.user[line.look], line.microsecond)
    registered = np.floor(population.registered_hour * HOUR_SECONDS).astype(np.int64) * SECOND_US
    return pa.table(
        {
            "user_id": _names("u", np.arange(len(population)), len(population)),
            "first_seen": _times(np.where(first == never, 0, first) + opened, mask=first == never),
            "persona": _labels([p.name for p in PERSONAS], population.persona),
            "registered_at": _times(registered + opened),
        },
        schema=pa.schema([*schema.USERS.arrow, ("persona", pa.string()), ("registered_at", schema.TIME)]),
    )


def _names(prefix: str, number: np.ndarray, count: int) -> pa.Array:
    """Ids such as u00042, numbered from 1 and padded so that their order as text is their order as numbers."""
    width = max(5, len(str(count)))
    return _labels([f"{prefix}{n:0{width}d}" for n in range(1, count + 1)], number)


def _labels(names, number: np.ndarray) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(number))


def _times(microseconds: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    return pa.array(microseconds, mask=mask).cast(pa.timestamp("us")).cast(schema.TIME)
