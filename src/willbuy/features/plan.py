"""The definitions compiled: which quantities the kernel keeps, in which registers they stand, where each feature goes.

A quantity is named (key, measure, window):
- user, user_item, user_category · any kernel.Measure · any of feature.WINDOWS, or session;
- user · any kernel.Different · such a window;
- user, user_item, user_category · since_<event type>, since_event; user · since_first · ever or any of WINDOWS;
- user · since_start · session; user_item · open_cart · 30d; user · other_carts, seen_us · 30d;
- user_item · any kernel.Journey · 30d;
- item · any of kernel.TALLIED · complete days of feature.DAYS;
- decision · any other kernel.Known; constant · a whole number.
"""

from collections.abc import Iterable

import numpy as np

from willbuy.features import kernel
from willbuy.features.feature import DAYS, JOURNEY, LOOKBACK_US, WINDOWS, Feature, Formula, Quantity, constant

KEYS, MEASURES, DIFFERENT, KNOWN = (
    tuple(member.name.lower() for member in enum)
    for enum in (kernel.Key, kernel.Measure, kernel.Different, kernel.Known)
)
SPANS = (*WINDOWS, "session")
AGES = (*(f"since_{measure}" for measure in MEASURES[: kernel.FIRST]), "since_first")
SPECIAL = {
    Quantity("user", "since_start", "session"): "session_us",
    Quantity("user", "seen_us", "30d"): "seen_us",
    Quantity("user", "other_carts", "30d"): "other_carts",
    Quantity("user_item", "open_cart", "30d"): "open_cart",
}
# What the way to an item is computed from.
STEPS = (
    Quantity("user", "sessions", "30d"),
    Quantity("user_item", "visits", "30d"),
    Quantity("user_category", "view", "30d"),
)
DWELLS = ("dwell_events", "dwell_ms", "dwell_log")
LOGS = ("dwell_log", "viewed_logs", "viewed_log", "price_log")
ZERO, ONE = constant(0), constant(1)


def compile_plan(features: Iterable[Feature]) -> kernel.Plan:
    """The plan for `features`, in the order in which the kernel writes them.

    Raises ValueError for a quantity that the kernel does not know, naming the feature.
    """
    features = tuple(features)
    asked = [_checked(q, f) for f in features for q in f.formula.quantities]
    journey = any(q.measure in JOURNEY for q in asked)
    needed = list(dict.fromkeys([ZERO, ONE, *asked, *(STEPS if journey else ())]))
    reads = [q for q in needed if q.key in KEYS and q.measure in MEASURES]
    reads.sort(key=_place)
    different = [q for q in needed if q.measure in DIFFERENT]
    ages = [q for q in needed if q.measure in AGES]
    days = DAYS if any(q.key == "item" for q in needed) else {}
    constants = [q for q in needed if q.key == "constant"]
    slot = _slots(reads)
    copies, ratios = _outputs(features, _registers(reads, different, ages, days, constants))
    return kernel.Plan(
        width=np.array([*WINDOWS.values()]),
        slot=slot,
        columns=1 + np.array([slot[:1].max(initial=0), slot[1:].max(initial=0)]),
        read_column=np.array([slot[KEYS.index(q.key), MEASURES.index(q.measure)] for q in reads], np.uint64),
        read_start=_read_starts(reads),
        dwell=np.array(
            [(n, *_place(q), MEASURES.index(q.measure)) for n, q in enumerate(reads) if q.measure in DWELLS],
            kernel.DWELL_RECORD,
        ),
        logs=any(q.measure in LOGS for q in needed),
        visits=any(q.measure in ("sessions", "visits") for q in needed),
        journey=journey,
        carts=any(q.measure == "other_carts" for q in needed),
        different=np.array(
            [(DIFFERENT.index(q.measure), SPANS.index(q.window)) for q in different], kernel.DIFFERENT_RECORD
        ),
        age=np.array([_age(q) for q in ages], kernel.AGE_RECORD),
        days=np.array([*days.values()], np.int64),
        longest=[*WINDOWS.values()].index(LOOKBACK_US),
        constants=np.array([float(q.measure) for q in constants]),
        copies=np.array(copies, kernel.COPY_RECORD),
        ratios=np.array(ratios, kernel.RATIO_RECORD),
    )


def _checked(q: Quantity, feature: Feature) -> Quantity:
    ages = AGES if q.key == "user" else AGES[:-1]
    counts = (*MEASURES, *DIFFERENT) if q.key == "user" else MEASURES
    known: dict[str, dict] = {
        **{key: dict.fromkeys(counts, SPANS) | dict.fromkeys(ages, (*WINDOWS, "ever")) for key in KEYS},
        "item": dict.fromkeys(kernel.TALLIED, DAYS),
        "decision": dict.fromkeys(KNOWN, ("",)),
        "constant": {q.measure: ("",)},
    }
    way = q.key == "user_item" and q.measure in JOURNEY and q.window == "30d"
    if q not in SPECIAL and not way and q.window not in known.get(q.key, {}).get(q.measure, ()):
        raise ValueError(f"feature {feature.name!r}: the kernel keeps no {q}; plan.py lists what it keeps")
    return q


def _place(q: Quantity) -> tuple[int, int]:
    return KEYS.index(q.key), SPANS.index(q.window)


def _slots(reads: list[Quantity]) -> np.ndarray:
    """The column of each key's measure in its ledger, whose first is the time; -1 for what no feature needs."""
    slot = np.full((len(KEYS), len(MEASURES)), -1)
    for key, row in zip(KEYS, slot, strict=True):
        measures = dict.fromkeys(q.measure for q in reads if q.key == key)
        for column, measure in enumerate(measures, 1):
            row[MEASURES.index(measure)] = column
    return slot


def _read_starts(reads: list[Quantity]) -> np.ndarray:
    places = [_place(q) for q in reads]
    starts = [[sum(p < (k, w) for p in places) for w in range(len(SPANS) + 1)] for k in range(len(KEYS))]
    return np.array(starts, np.uint64)


def _age(q: Quantity) -> tuple[int, int, int]:
    return KEYS.index(q.key), AGES.index(q.measure), WINDOWS.get(q.window, kernel.FOREVER)


def _registers(reads, different, ages, days, constants) -> dict[Quantity, int]:
    """Where the kernel puts each quantity, in the order of kernel.Plan."""
    known = [Quantity("decision", measure) for measure in KNOWN]
    known += [Quantity("user_item", measure, "30d") for measure in JOURNEY]
    tallies = [Quantity("item", measure, window) for window in days for measure in kernel.TALLIED]
    registers = {q: r for r, q in enumerate([*known, *reads, *different, *ages, *tallies, *constants])}
    return registers | {q: KNOWN.index(name) for q, name in SPECIAL.items()}


def _outputs(features: tuple[Feature, ...], registers: dict[Quantity, int]) -> tuple[list, list]:
    copies, ratios = [], []
    for column, feature in enumerate(features):
        formula = feature.formula
        if formula == Formula(formula.times[:1]):
            copies.append((registers[formula.times[0]], column))
        else:
            more, over_plus = formula.plus or formula.less or (ZERO,), formula.over_plus or (ZERO,)
            parts = (formula.times, more, formula.over, over_plus)
            terms = [registers[q] for part in parts for q in (*part, ONE)[:2]]
            ratios.append((*terms, column, -1.0 if formula.less else 1.0))
    return copies, ratios
