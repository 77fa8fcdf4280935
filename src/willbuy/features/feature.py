"""What a feature is: a name, its words, and the formula over exact numbers that the kernel follows."""

from dataclasses import dataclass

from willbuy.clock import DAY_US, HOUR_US
from willbuy.features.kernel import Measure
from willbuy.schema import EVENT_TYPES

WINDOWS = {"1h": HOUR_US, "1d": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US}
LOOKBACK_US = max(WINDOWS.values())
DAYS = {window: us // DAY_US for window, us in WINDOWS.items() if us >= DAY_US}  # complete ones, of everyone's events
TALLIED_DAYS = max(DAYS.values())
EVENTS = {measure.name.lower(): event_type for measure, event_type in zip(Measure, EVENT_TYPES, strict=False)}
FAMILIES = ("recency", "frequency", "intent", "session", "affinity", "item", "calendar")


@dataclass(frozen=True)
class Quantity:
    """A number the kernel keeps exactly: `measure` over the events of `key` in `window`; plan.py lists them all."""

    key: str
    measure: str
    window: str = ""


@dataclass(frozen=True)
class Formula:
    """(product of `times` - product of `less`) / product of `over`: integers, and one division at the end.

    Null if any quantity is null or the divisor is 0. No `less` means minus nothing; no `over` means no division.
    """

    times: tuple[Quantity, ...]
    less: tuple[Quantity, ...] = ()
    over: tuple[Quantity, ...] = ()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """All that the formula reads, with repetitions."""
        return self.times + self.less + self.over


@dataclass(frozen=True)
class Feature:
    """One column. `what` is counted or measured, over the events of `key`, in `window`; `dtype` is its Arrow type."""

    name: str
    family: str
    key: str
    what: str
    window: str
    unit: str
    description: str
    dtype: str
    nullable: bool
    formula: Formula


def constant(value: int) -> Quantity:
    """The whole number `value`, the same at every decision point."""
    return Quantity("constant", str(value))


def decision(measure: str) -> Quantity:
    """What is known of the decision point itself: any kernel.Known."""
    return Quantity("decision", measure)


def within(window: str) -> str:
    """The words for a window: `within("7d")` is "t - 7 d <= timestamp < t"."""
    return f"t - {window[:-1]} {window[-1]} <= timestamp < t"
