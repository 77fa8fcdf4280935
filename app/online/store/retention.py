"""How much of the past a store keeps."""

from typing import NamedTuple


class Retention(NamedTuple):
    """At the time `now`: the last `kept_us` before the newest event of a user, or the newest change of an item.

    What lies in the future makes nothing old. A session that had begun before is kept whole; `gap_us` is the longest
    gap inside one. It is None where there is no model to tell: then no event is dropped.
    """

    now: int
    kept_us: int
    gap_us: int | None
