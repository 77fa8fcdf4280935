"""What a feature is: a name, its words, and the formula over exact numbers that the kernel follows."""

from dataclasses import dataclass

from willbuy.clock import DAY_US, HOUR_US
from willbuy.features.kernel import Journey, Measure
from willbuy.schema import EVENT_TYPES

WINDOWS = {"1h": HOUR_US, "1d": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US}
LOOKBACK_US = max(WINDOWS.values())
DAYS = {window: us // DAY_US for window, us in WINDOWS.items() if us >= DAY_US}  # complete ones, of everyone's events
TALLIED_DAYS = max(DAYS.values())
EVENTS = {measure.name.lower(): event_type for measure, event_type in zip(Measure, EVENT_TYPES, strict=False)}
UNKNOWN = (
    "price",
    "cents",
    "price_log",
    "base_price",
    "base_cents",
    "points",
    "category",
)  # what may be null at a decision point
JOURNEY = tuple(member.name.lower() for member in Journey)
FAMILIES = ("recency", "frequency", "intent", "habit", "journey", "session", "affinity", "item", "calendar")


@dataclass(frozen=True)
class Quantity:
    """A number the kernel keeps exactly: `measure` over the events of `key` in `window`; plan.py lists them all."""

    key: str
    measure: str
    window: str = ""

    @property
    def nullable(self) -> bool:
        """Whether it can be null: there is no category, no such event, or no price."""
        age = self.measure.startswith("since_") and self.window != "session"
        return (
            age
            or self.measure in JOURNEY
            or self.key in ("user_category", "context")
            or (self.key == "decision" and self.measure in UNKNOWN)
        )

    @property
    def signed(self) -> bool:
        """Whether it can be below 0: a discount is where the price is above the base price; no count, age or price."""
        return self.measure in ("points", "last_points", "first_points")


@dataclass(frozen=True)
class Formula:
    """(product of `times` + of `plus` - of `less`) / (product of `over` + of `over_plus`).

    All are integers, with one division at the end. Null if any quantity is null or the divisor is 0. A part that is
    left out adds nothing; without `over` there is no division. `plus` and `less` do not go together.
    """

    times: tuple[Quantity, ...]
    plus: tuple[Quantity, ...] = ()
    less: tuple[Quantity, ...] = ()
    over: tuple[Quantity, ...] = ()
    over_plus: tuple[Quantity, ...] = ()

    @property
    def rest(self) -> bool:
        """Whether what is taken away is a part of what it is taken from, so that something of 0 or more is left."""
        pairs = zip(self.times, self.less, strict=False)
        nested = all((whole.key, whole.measure) == (part.key, part.measure) for whole, part in pairs)
        return nested and len(self.times) == len(self.less)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """All that the formula reads, with repetitions."""
        return self.times + self.plus + self.less + self.over + self.over_plus


@dataclass(frozen=True)
class Feature:
    """One column: its formula, and the same in words. `dtype` is its Arrow type."""

    family: str
    name: str
    unit: str
    description: str
    formula: Formula
    dtype: str = "float64"

    @property
    def nullable(self) -> bool:
        """Whether it can be null: a part can, or the divisor can be 0."""
        over, plus = (any(q.key != "constant" for q in part) for part in (self.formula.over, self.formula.over_plus))
        prior = bool(self.formula.over_plus) and not plus
        return (over and not prior) or any(q.nullable for q in self.formula.quantities)

    @property
    def minimum(self) -> int | None:
        """The least value that it can have: 0, or None for a text and for what can be negative, like a difference."""
        signed = (self.formula.less and not self.formula.rest) or any(q.signed for q in self.formula.quantities)
        return None if signed or self.dtype == "string" else 0

    @property
    def window(self) -> str:
        """The window of the events that it is about; "at t" if it is about the decision point alone."""
        return next((q.window for q in self.formula.quantities if q.window), "at t")


def constant(value: int) -> Quantity:
    """The whole number `value`, the same at every decision point."""
    return Quantity("constant", str(value))


def decision(measure: str) -> Quantity:
    """What is known of the decision point itself: any kernel.Known."""
    return Quantity("decision", measure)


def within(window: str) -> str:
    """The words for a window: `within("7d")` is "t - 7 d <= timestamp < t"."""
    return f"t - {window[:-1]} {window[-1]} <= timestamp < t"
