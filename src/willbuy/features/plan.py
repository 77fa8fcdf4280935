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

from willbuy.clock import HOUR_US
from willbuy.features import kernel
from willbuy.features.feature import DAYS, HOURS, Feature, Quantity, constant

KEYS = ("user", "user_item", "user_category")
SPANS = (*HOURS, "session")
EVENTS = kernel.MEASURES[: kernel.EVENT + 1]
DIFFERENT = ("viewed_items", "items", "categories")  # in the order of the kernel's codes
SPECIAL = {
    Quantity("user_item", "open_cart", "30d"): "open_cart",
    Quantity("user", "since_start", "session"): "session_us",
}
ZERO, ONE = constant(0), constant(1)


def compile_plan(features: Iterable[Feature]) -> kernel.Plan:
    """The plan for `features`, in the order in which the kernel writes them.

    Raises ValueError for a quantity that the kernel does not know, naming the feature.
    """
    features = tuple(features)
    needed = {ZERO: None, ONE: None}
    for feature in features:
        for quantity in feature.formula.quantities:
            needed[_known(quantity, feature)] = None
    reads = _reads(needed)
    ages = [q for q in needed if _is_age(q)]
    different = [q for q in needed if q.measure in DIFFERENT]
    constants = [q for q in needed if q.key == "constant"]
    days = DAYS if any(q.key == "item" for q in needed) else {}
    slot = _slots(reads)
    registers = _registers(constants, reads, different, ages, days)
    copies, ratios = _outputs(features, registers)
    return kernel.Plan(
        width=np.array([*(HOURS[w] * HOUR_US for w in HOURS), kernel.FOREVER]),
        slot=slot,
        columns=1 + slot.max(axis=1, initial=0),
        read_column=np.array([slot[KEYS.index(q.key), kernel.MEASURES.index(q.measure)] for q in reads], np.uint64),
        read_start=_read_starts(reads),
        different=_pairs((DIFFERENT.index(q.measure), SPANS.index(q.window)) for q in different),
        age=np.array([_age(q) for q in ages], np.int64).reshape(-1, 3),
        days=np.array([*days.values()], np.int64),
        constants=np.array([float(q.measure) for q in constants]),
        copies=_pairs(copies).astype(np.uint64),
        ratios=np.array(ratios, np.uint64).reshape(-1, 7),
    )


def _pairs(pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    return np.array(list(pairs), np.int64).reshape(-1, 2)


def _is_age(q: Quantity) -> bool:
    return q not in SPECIAL and q.measure.startswith("since_")


def _known(q: Quantity, feature: Feature) -> Quantity:
    measures = {
        "user": (*kernel.MEASURES, *DIFFERENT, "since_first", *(f"since_{e}" for e in EVENTS)),
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


def _reads(needed: Iterable[Quantity]) -> list[Quantity]:
    """The counts and sums in windows, by key and window, as the kernel reads them."""
    counts = [q for q in needed if q.key in KEYS and q.measure in kernel.MEASURES]
    return sorted(counts, key=lambda q: (KEYS.index(q.key), SPANS.index(q.window)))


def _slots(reads: list[Quantity]) -> np.ndarray:
    """The column of each key's measure in its ledger, whose first is the time; -1 for what no feature needs."""
    slot = np.full((len(KEYS), len(kernel.MEASURES)), -1)
    for key, row in zip(KEYS, slot, strict=True):
        measures = dict.fromkeys(q.measure for q in reads if q.key == key)
        for column, measure in enumerate(measures, 1):
            row[kernel.MEASURES.index(measure)] = column
    return slot


def _read_starts(reads: list[Quantity]) -> np.ndarray:
    places = [(KEYS.index(q.key), SPANS.index(q.window)) for q in reads]
    starts = [[sum(p < (k, w) for p in places) for w in range(len(SPANS) + 1)] for k in range(len(KEYS))]
    return np.array(starts, np.uint64)


def _age(q: Quantity) -> tuple[int, int, int]:
    kind = kernel.FIRST if q.measure == "since_first" else EVENTS.index(q.measure.removeprefix("since_"))
    return KEYS.index(q.key), kind, kernel.FOREVER if q.window == "ever" else HOURS[q.window] * HOUR_US


def _registers(constants, reads, different, ages, days) -> dict[Quantity, int]:
    """Where the kernel puts each quantity."""
    moment = [Quantity("decision", m) for m in kernel.MOMENT]
    tallies = [Quantity("item", m, w) for w in days for m in ("view", "cart", "purchase")]
    registers = {q: r for r, q in enumerate([*reads, *different, *ages, *tallies, *moment, *constants])}
    return registers | {q: registers[Quantity("decision", name)] for q, name in SPECIAL.items()}


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
