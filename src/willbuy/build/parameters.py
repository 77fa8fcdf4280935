"""What each parameter of `env.yaml` may be, and the check that stops a build before its first task."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from willbuy.shop.decisions import FORGOTTEN_HOURS
from willbuy.splits import NAMES, shortest_log, split_days

SOURCES = ("generate", "ingest")
NOTEBOOK_EXECUTORS = ("papermill", "ploomber-engine")
LONGEST_SIMULATED_HORIZON = FORGOTTEN_HOURS // 24
LOG = "the path of a log, a list of paths, or a glob"
FORMAT = "the name of a built-in format, or the path of a mapping file"
MEMORY = re.compile(r"([0-9]{1,9}(?:\.[0-9]+)?)\s?([KMGT])i?B")
LEAST_MEMORY_KB = 100_000
FIRST_DAY, LAST_DAY = "1990-01-01", "2089-12-31"  # ten years on, the longest log ends before 2100, as ingest asks
MOST_USER_DAYS = 100_000_000  # about four events each


class ParameterError(ValueError):
    """A parameter that cannot be; each line of the message names the key, the value and what is allowed."""


@dataclass(frozen=True)
class Parameter:
    """A key of `env.yaml`: `allowed` says in words what `holds` asks of a value."""

    name: str
    allowed: str
    holds: Callable[[object], bool]


def check(values: Mapping[str, object]) -> None:
    """Hold `values`, all of a build's parameters, to what is allowed, each by itself and then together.

    Raises ParameterError, which lists everything that is wrong.
    """
    faults = [*_unknown(values), *_each(values)] or [*_together(values)]
    if faults:
        raise ParameterError("\n".join(faults))


def _unknown(values: Mapping[str, object]) -> Iterator[str]:
    names = [p.name for p in PARAMETERS]
    for name in values:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            advice = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(names)}"
            yield f"{name} = {values[name]!r}: there is no such parameter; {advice}"


def _each(values: Mapping[str, object]) -> Iterator[str]:
    for parameter in PARAMETERS:
        if parameter.name not in values:
            yield f"{parameter.name} is missing; allowed: {parameter.allowed}"
        elif not parameter.holds(values[parameter.name]):
            yield f"{parameter.name} = {values[parameter.name]!r}; allowed: {parameter.allowed}"


def _together(values: Mapping[str, object]) -> Iterator[str]:
    train, validation = values["train_share"], values["validation_share"]
    if train + validation >= 1:
        yield (
            f"train_share = {train!r} and validation_share = {validation!r} sum to {train + validation:g}; "
            "allowed: a sum below 1, so that test gets days too"
        )
    elif values["source"] == "generate":
        yield from _short_splits(values["days"], values["horizon_days"], train, validation)
    if values["source"] == "generate" and values["users"] * values["days"] > MOST_USER_DAYS:
        yield (
            f"users = {values['users']} times days = {values['days']} is too large a log; "
            f"allowed: a product of at most {MOST_USER_DAYS}"
        )
    if values["source"] == "generate" and values["horizon_days"] > LONGEST_SIMULATED_HORIZON:
        yield (
            f"horizon_days = {values['horizon_days']}; allowed with source = 'generate': at most "
            f"{LONGEST_SIMULATED_HORIZON}, as far ahead as the simulated shop knows its truth"
        )
    if values["source"] == "ingest":
        yield from (
            f"{name} = {values[name]!r}; allowed with source = 'ingest': {allowed}"
            for name, allowed in (("log", LOG), ("log_format", FORMAT))
            if not values[name]
        )


def _short_splits(days: int, horizon_days: float, train_share: float, validation_share: float) -> Iterator[str]:
    lengths = split_days(days, train_share, validation_share)
    name, shortest = min(zip(NAMES, lengths, strict=True), key=lambda split: split[1])
    if shortest <= horizon_days:
        least = shortest_log(horizon_days, train_share, validation_share)
        yield (
            f"horizon_days = {horizon_days!r} does not fit into the {shortest} day(s) of {name} "
            f"(days = {days}, train_share = {train_share}, validation_share = {validation_share}); "
            f"allowed: a horizon below {shortest} days, or at least {least} days of log"
        )


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(name: str, least: int, most: int) -> Parameter:
    def holds(value):
        return _number(value) and isinstance(value, int) and least <= value <= most

    return Parameter(name, f"a whole number from {least} to {most}", holds)


def _positive(name: str, most: float) -> Parameter:
    return Parameter(name, f"a number above 0, at most {most}", lambda v: _number(v) and 0 < v <= most)


def _not_negative(name: str, most: float) -> Parameter:
    return Parameter(name, f"a number from 0 to {most}", lambda v: _number(v) and 0 <= v <= most)


def _share(name: str) -> Parameter:
    return Parameter(name, "a number above 0 and below 1", lambda v: _number(v) and 0 < v < 1)


def _choice(name: str, choices: tuple[str, ...]) -> Parameter:
    return Parameter(name, " or ".join(choices), lambda v: v in choices)


def _day(name: str) -> Parameter:
    return Parameter(name, f"a day from {FIRST_DAY} to {LAST_DAY}, written YYYY-MM-DD", _is_day)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and FIRST_DAY <= date.fromisoformat(value).isoformat() == value <= LAST_DAY
    except ValueError:
        return False


def _folder(name: str) -> Parameter:
    return Parameter(name, "the name of a folder", lambda v: isinstance(v, str) and bool(v.strip()))


def _memory(name: str) -> Parameter:
    return Parameter(name, "a size such as 4GB or 700MB, at least 100MB", _is_memory)


def _is_memory(value: object) -> bool:
    found = MEMORY.fullmatch(value) if isinstance(value, str) else None
    return found is not None and float(found[1]) * 1000.0 ** "KMGT".index(found[2]) >= LEAST_MEMORY_KB


PARAMETERS = (
    _folder("products"),
    _choice("source", SOURCES),
    _whole("seed", 0, 2**31 - 1),
    _whole("users", 1, 10_000_000),
    _whole("items", 1, 1_000_000),
    _whole("days", 1, 3650),
    _day("start"),
    Parameter("log", LOG, lambda v: isinstance(v, str) or (isinstance(v, list) and all(isinstance(p, str) for p in v))),
    Parameter("log_format", FORMAT, lambda v: isinstance(v, str)),
    Parameter("max_quarantine_share", "a number from 0 to 1", lambda v: _number(v) and 0 <= v <= 1),
    Parameter("exclude_robots", "true or false", lambda v: isinstance(v, bool)),
    _positive("session_gap_minutes", 43_200),
    _whole("horizon_days", 1, 365),
    _share("train_share"),
    _share("validation_share"),
    _memory("memory_limit"),
    _whole("threads", 1, 1024),
    _whole("bucket_events", 1, 1_000_000_000),
    _choice("notebook_executor", NOTEBOOK_EXECUTORS),
    _whole("max_rounds", 1, 100_000),
    _whole("early_stopping_rounds", 1, 100_000),
    _positive("learning_rate", 1),
    _whole("max_depth", 1, 30),
    _not_negative("min_child_weight", 1_000_000_000),
    _positive("subsample", 1),
    _positive("column_share", 1),
    _whole("bootstrap_samples", 2, 100_000),
    _positive("sale_value", 1_000_000_000),
    _not_negative("action_cost", 1_000_000_000),
)
