"""docs/features.md, written from the definitions: `python -m willbuy.features.dictionary` brings it up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from willbuy.features.definitions import FEATURES
from willbuy.features.feature import FAMILIES
from willbuy.files import write_text

PATH = Path("docs/features.md")
RULES = """\
# Feature dictionary

<!-- Written by `python -m willbuy.features.dictionary` from src/willbuy/features/definitions.py. Do not edit. -->

The {count} features of a decision point: `user_id` ("this user"), `item_id` ("this item"), `event_type` and `price`
at time t. They are columns of `features/*.parquet`, beside the columns of `examples/*.parquet` and in their order.

## Rules common to all

- **Known at t** are the events of the log with timestamp < t. An event at exactly t is not known, the decision event
  itself included. `item_…` counts look at complete UTC days before the day of t only.
- **Every row of the log counts**, also one that repeats another. Its `session_id` plays no part.
- **Category** and **base price** of an item are those of the items table; an item it does not list has neither.
  A category that is null is no category: it is never counted, and never equal to another.
- **price_cents** is round(price x 100), **base_cents** round(base_price x 100), **dwell_ms** is
  round(duration_seconds x 1000): one multiplication of doubles, then rounding to a whole number, half to even.
  An event whose price or duration is null has none, and adds to no sum and to no count of prices or durations.
- **Times** are whole microseconds since 1970-01-01 UTC; 1 h is 3.6e9 and 1 d is 8.64e10 of them.
- **Arithmetic**: sums, products and differences are of whole numbers and exact; a ratio is **one** division of two
  whole numbers, rounded once, to a double. Null where the divisor is 0 or a part is null.
- **This user's session so far**: walking back from t through this user's events with timestamp < t, as long as no
  step is longer than `session_gap_minutes` (a step of exactly that length goes on). If the step from t to the latest
  event is longer, the decision opens a session, and nothing has happened in it.
- **The decision's own price** is that of its row of the log. Where several rows agree in user, item, timestamp and
  event type, they and their decision points are matched in the order of sessions.parquet.
- **Null** means unknown, never 0: counts are not null, but for `user_category_…` where there is no category.
"""
HEADINGS = {
    "recency": "Recency: how long ago",
    "frequency": "Frequency: how often",
    "intent": "Intent: what it led to",
    "session": "Session context: what happened in this session so far",
    "affinity": "Affinity: is this the user's kind of item",
    "item": "Item: price, category, and everyone's interest",
    "calendar": "Calendar and decision: when, and which event",
}


def dictionary() -> str:
    """The feature dictionary as Markdown, one table a family."""
    parts = [RULES.format(count=len(FEATURES)), *("\n".join(_section(family)) + "\n" for family in FAMILIES)]
    return "\n".join(parts)


def _section(family: str) -> Iterator[str]:
    yield f"## {HEADINGS[family]}\n"
    yield "| feature | type | unit | window | definition |"
    yield "|---|---|---|---|---|"
    for f in FEATURES:
        if f.family == family:
            null = ", null" if f.nullable else ""
            yield f"| `{f.name}` | {f.dtype}{null} | {f.unit} | {f.window} | {f.description} |"


if __name__ == "__main__":
    write_text(dictionary(), sys.argv[1] if len(sys.argv) > 1 else PATH)
