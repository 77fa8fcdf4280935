"""The definitions compiled: which quantities the kernel keeps, in which registers they stand, where each feature goes.

A quantity is named (key, measure, window):
- user, user_item, user_category · any of kernel.MEASURES · a window of feature.HOURS, or session;
- user · viewed_items, items, categories (how many different) · such a window;
- user, user_item, user_category · since_<event type>, since_event; user · since_first · ever or such a window;
- user · since_start · session; user_item · open_cart · 30d;
- item · view, cart, purchase · complete days of feature.DAYS;
- decision · any other of kernel.MOMENT; constant · a whole number.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from willbuy.features import kernel
from willbuy.features.feature import DAYS, HOURS, Feature, Quantity, constant

KEYS = ("user", "user_item", "user_category")
SPANS = (*HOURS, "session")
EVENTS = kernel.MEASURES[: kernel.EVENT + 1]
# How many different ones there are: counted when the first of these events comes in and the last one goes.
DISTINCT = {
    "viewed_items": ("user_item", "view"),
    "items": ("user_item", "event"),
    "categories": ("user_category", "event"),
}
SPECIAL = {
    Quantity("user_item", "open_cart", "30d"): "open_cart",
    Quantity("user", "since_start", "session"): "session_us",
}
ZERO, ONE = constant(0), constant(1)
FOREVER = 2**62


def compile_plan(features: Iterable[Feature]) -> kernel.Plan:
    """The plan for `features`, in the order in which the kernel writes them.

    Raises ValueError for a quantity that the kernel does not know, naming the feature.
    """
    features = tuple(features)
    needed = {ZERO: None, ONE: None}
    for feature in features:
        for quantity in feature.formula.quantities:
            needed[_known(quantity, feature)] = None
    counts = _counts(needed)
    ages = [q for q in needed if _is_age(q)]
    constants = [q for q in needed if q.key == "constant"]
    slot = _slots(counts)
    registers = _registers(constants, counts, ages)
    copies, ratios = _outputs(features, registers)
    return kernel.Plan(
        width=np.array([HOURS[w] * kernel.HOUR_US for w in HOURS] + [FOREVER]),
        slot=slot,
        rich=(slot[:, :, kernel.EVENT + 1 :] > 0).any(axis=2),
        distinct=np.array([[_column(counts, Quantity("user", m, w)) for m in DISTINCT] for w in SPANS]),
        columns=np.array([1 + len(counts[key]) for key in KEYS]),
        age=np.array([_age(q) for q in ages], np.int64).reshape(-1, 3),
        days=np.array([*DAYS.values()]),
        constants=np.array([float(q.measure) for q in constants]),
        copies=np.array(copies, np.int64).reshape(-1, 2),
        ratios=np.array(ratios, np.int64).reshape(-1, 7),
    )


def _is_age(q: Quantity) -> bool:
    return q not in SPECIAL and q.measure.startswith("since_")


def _known(q: Quantity, feature: Feature) -> Quantity:
    measures = {
        "user": (*kernel.MEASURES, *DISTINCT, "since_first", *(f"since_{e}" for e in EVENTS)),
        "user_item": (*kernel.MEASURES, *(f"since_{e}" for e in EVENTS)),
        "user_category": (*kernel.MEASURES, *(f"since_{e}" for e in EVENTS)),
        "item": ("view", "cart", "purchase"),
        "decision": kernel.MOMENT,
        "constant": (q.measure,),
    }
    windows = {"item": DAYS, "decision": ("",), "constant": ("",)}.get(q.key, (*HOURS, "ever") if _is_age(q) else SPANS)
    if q not in SPECIAL and (q.measure not in measures.get(q.key, ()) or q.window not in windows):
        raise ValueError(f"feature {feature.name!r}: the kernel keeps no {q}; plan.py lists what it keeps")
    return q


def _counts(needed: Iterable[Quantity]) -> dict[str, list[Quantity]]:
    """The windowed quantities of each key, with the counts that the numbers of different things rest on."""
    counts = {key: [] for key in KEYS}
    for q in needed:
        if q.key in KEYS and q not in SPECIAL and not _is_age(q):
            counts[q.key].append(q)
    for q in counts["user"]:
        if q.measure in DISTINCT:
            rests_on = Quantity(*DISTINCT[q.measure], q.window)
            if rests_on not in counts[rests_on.key]:
                counts[rests_on.key].append(rests_on)
    return counts


def _column(counts: dict[str, list[Quantity]], q: Quantity) -> int:
    """The quantity's column in its key's table; column 0 collects what no feature needs."""
    return 1 + counts[q.key].index(q) if q in counts[q.key] else 0


def _slots(counts: dict[str, list[Quantity]]) -> np.ndarray:
    slots = [[[_column(counts, Quantity(k, m, w)) for m in kernel.MEASURES] for w in SPANS] for k in KEYS]
    return np.array(slots, np.int64)


def _age(q: Quantity) -> tuple[int, int, int]:
    kind = kernel.FIRST if q.measure == "since_first" else EVENTS.index(q.measure.removeprefix("since_"))
    return KEYS.index(q.key), kind, FOREVER if q.window == "ever" else HOURS[q.window] * kernel.HOUR_US


def _registers(constants: list[Quantity], counts: dict[str, list[Quantity]], ages: list[Quantity]) -> dict:
    """Where the kernel's `_load` puts each quantity."""
    unread = object()
    layout = constants + [Quantity("decision", m) for m in kernel.MOMENT]
    for key in KEYS:
        layout += [unread, *counts[key]]
    layout += ages
    layout += [Quantity("item", m, w) for w in DAYS for m in ("view", "cart", "purchase")]
    registers = {q: r for r, q in enumerate(layout) if q is not unread}
    registers.update({q: registers[Quantity("decision", name)] for q, name in SPECIAL.items()})
    return registers


def _outputs(features: tuple[Feature, ...], registers: dict) -> tuple[list, list]:
    copies, ratios = [], []
    for column, feature in enumerate(features):
        formula = feature.formula
        if len(formula.times) == 1 and not formula.less and not formula.over:
            copies.append((registers[formula.times[0]], column))
        else:
            less = formula.less or (ZERO,)
            terms = [registers[q] for part in (formula.times, less, formula.over) for q in (*part, ONE)[:2]]
            ratios.append((*terms, column))
    return copies, ratios
