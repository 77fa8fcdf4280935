"""What a feature is: a name, its words, and the formula over exact numbers that the kernel follows."""

from __future__ import annotations

from dataclasses import dataclass

HOURS = {"1h": 1, "1d": 24, "7d": 7 * 24, "30d": 30 * 24}
DAYS = {"1d": 1, "7d": 7, "30d": 30}
FAMILIES = ("recency", "frequency", "intent", "session", "affinity", "item", "calendar")
EVENT = {
    "view": "`view`",
    "scroll": "`scroll`",
    "cart": "`add_to_cart`",
    "remove": "`remove_from_cart`",
    "purchase": "`purchase`",
}


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
    """What is known of the decision point itself: any of kernel.MOMENT."""
    return Quantity("decision", measure)


def within(window: str) -> str:
    """The words for a window: `within("7d")` is "t - 7 d <= timestamp < t"."""
    return f"t - {window[:-1]} {window[-1]} <= timestamp < t"
