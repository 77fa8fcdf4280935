"""Every parameter of `env.yaml`: its type, what it may be, what it means; and the check before the first task."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from willbuy.clock import EPOCH, MICROSECOND
from willbuy.shop.looking import FORGOTTEN_HOURS
from willbuy.splits import DAY, LogTooShort, split_periods

LONGEST_SIMULATED_HORIZON = FORGOTTEN_HOURS // 24
MEMORY = re.compile(r"([0-9]{1,9}(?:\.[0-9]+)?)\s?([KMGT])i?B")
LEAST_MEMORY_KB = 100_000
FIRST_DAY, LAST_DAY = "1990-01-01", "2089-12-31"  # ten years on, the longest log ends before 2100, as ingest asks
MOST_USER_DAYS = 100_000_000  # about four events each
BILLION = 1_000_000_000
DAY_MINUTES = 24 * 60


class ParameterError(ValueError):
    """Invalid parameters; each line of the message names the parameter, its value and what is allowed."""


def _parameter(meaning: str, allowed: str, **bounds: Any) -> Any:
    # Pydantic's own words for an invalid value depend on the first rule it breaks; ours say all that is allowed.
    return Field(description=meaning, title=allowed, **bounds)


def _whole(least: int, most: int, meaning: str) -> Any:
    return _parameter(meaning, f"a whole number from {least} to {most}", ge=least, le=most)


def _above_0(most: float, meaning: str) -> Any:
    return _parameter(meaning, f"a number above 0, at most {most}", gt=0, le=most, allow_inf_nan=False)


def _from_0(most: float, meaning: str) -> Any:
    return _parameter(meaning, f"a number from 0 to {most}", ge=0, le=most, allow_inf_nan=False)


def _share(meaning: str) -> Any:
    return _parameter(meaning, "a number above 0 and below 1", gt=0, lt=1, allow_inf_nan=False)


def _choice(meaning: str, *choices: str) -> Any:
    return _parameter(meaning, " or ".join(choices))


def _where(holds: Callable[[str], bool]) -> AfterValidator:
    def check(text: str) -> str:
        if not holds(text):
            raise ValueError
        return text

    return AfterValidator(check)


def _is_day(text: str) -> bool:
    try:
        return FIRST_DAY <= date.fromisoformat(text).isoformat() == text <= LAST_DAY
    except ValueError:
        return False


def _is_memory(text: str) -> bool:
    found = MEMORY.fullmatch(text)
    return found is not None and float(found[1]) * 1000.0 ** "KMGT".index(found[2]) >= LEAST_MEMORY_KB


Folder = Annotated[str, _where(lambda text: bool(text.strip()))]
Day = Annotated[str, _where(_is_day)]
Memory = Annotated[str, _where(_is_memory)]
Source = Literal["generate", "ingest"]
NotebookExecutor = Literal["papermill", "ploomber-engine"]


class Parameters(BaseModel):
    """One line a parameter, in the order of `env.yaml`.

    After a change, `make docs` rewrites the table of docs/pipeline.md and the comments of
    `env.yaml` from here.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    products: Folder = _parameter("folder that receives everything a build leaves", "the name of a folder")
    source: Source = _choice(
        "the first task; generate: the simulated shop, ingest: a real shop's log", "generate", "ingest"
    )

    seed: int = _whole(0, 2**31 - 1, "the same seed gives the same shop, on any day and machine")
    users: int = _whole(1, 10_000_000, "how many people visit")
    items: int = _whole(1, 1_000_000, "how many items are on sale")
    days: int = _whole(1, 3650, "length of the log, in days")
    start: Day = _parameter("first day of the log (UTC)", f"a day from {FIRST_DAY} to {LAST_DAY}, written YYYY-MM-DD")

    log: str | list[str] = _parameter(
        "where the log is", 'the path of a log, a glob, or a list such as [a.csv.gz, "b, c.csv.gz"]'
    )
    log_format: str = _parameter(
        "how to read the log (docs/ingest.md)", "the name of a built-in format, or the path of a mapping file"
    )
    max_quarantine_share: float = _from_0(1, "the build stops if more than this share of the rows cannot be used")
    exclude_users: str = _parameter(
        "file of users to leave out of every product, an id a line", "the path of a file, or empty"
    )
    exclude_robots: bool = _parameter("leave out the users that the ingest report calls robots", "true or false")

    session_gap_minutes: float = _above_0(43_200, "a longer silence ends a visit, in minutes")
    horizon_days: int = _whole(1, 365, '"will buy" means within this many days')
    min_lead_minutes: float = _from_0(
        365 * DAY_MINUTES, "a purchase this soon after the decision does not count: too late to act"
    )
    train_share: float = _share("share of the log's time that train gets")
    validation_share: float = _share("share of the log's time that validation gets; test gets the rest")

    memory_limit: Memory = _parameter(
        "what DuckDB may use before it spills to disk", "a size such as 4GB or 700MB, at least 100MB"
    )
    threads: int = _whole(1, 1024, "threads of DuckDB, the features and XGBoost")
    bucket_events: int = _whole(1, BILLION, "events featurized at a time: this bounds the memory, not the log")
    notebook_executor: NotebookExecutor = _choice(
        "papermill: a process each notebook; ploomber-engine: all in one, quicker", "papermill", "ploomber-engine"
    )

    num_boost_round: int = _whole(1, 100_000, "most trees; early stopping on validation usually takes fewer")
    early_stopping_rounds: int = _whole(1, 100_000, "rounds without a lower log-loss on validation before stopping")
    learning_rate: float = _above_0(1, "weight of each further tree")
    max_depth: int = _whole(0, 30, "depth of a tree; 0: 4 below 2,000 positives in train, else 6")
    min_child_weight: float = _from_0(BILLION, "least hessian weight of a leaf")
    subsample: float = _above_0(1, "share of rows that a tree sees")
    colsample_bytree: float = _above_0(1, "share of columns that a tree sees")

    search_trials: int = _whole(0, 10_000, "other settings that are tried, by the loss on validation; the extra tune")

    bootstrap_samples: int = _whole(2, 100_000, "resamples of users behind each 95% interval")
    sale_value: float = _from_0(BILLION, "what a sale brings, in the shop's currency; 0: its own price, as logged")
    action_cost: float = _from_0(BILLION, "what acting on one decision point costs")
    action_effect: float = _from_0(1, "share of credited sales that would not have come by themselves: an assumption")
    action_every_hours: float = _from_0(87_600, "hours until the same shopper and item are acted on again; 0: horizon")

    origins: int = _whole(0, 1000, "times at which the backtest trains and tests; 0: as many as fit, at most 8")


ALLOWED = {name: field.title for name, field in Parameters.model_fields.items()}
FORMER = {"max_rounds": "num_boost_round", "column_share": "colsample_bytree"}


def check(values: Mapping[str, object]) -> Parameters:
    """Hold `values`, all of a build's parameters, to what is allowed, each by itself and then together.

    Raises ParameterError, which lists everything that is wrong.
    """
    try:
        parameters = Parameters.model_validate(dict(values))
    except ValidationError as error:
        names = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_url=False))
        raise ParameterError("\n".join(_fault(name, values) for name in names)) from None
    if faults := list(_together(parameters)):
        raise ParameterError("\n".join(faults))
    return parameters


def check_names(asked: Iterable[str], declared: Mapping[str, object]) -> None:
    """Hold the names of the command line to those that there are, and those of the file to be complete.

    Raises ParameterError; the message lists each unknown name with the nearest one, and each missing parameter.
    """
    faults = [f"{name}: {_unknown(name)}" for name in asked if name not in ALLOWED]
    if faults := faults or [_fault(name, declared) for name in ALLOWED if name not in declared]:
        raise ParameterError("\n".join(faults))


def _fault(name: str, values: Mapping[str, object]) -> str:
    if name not in values:
        return f"{name} is missing; allowed: {ALLOWED[name]}"
    if name in ALLOWED:
        return f"{name} = {values[name]!r}; allowed: {ALLOWED[name]}"
    return f"{name} = {values[name]!r}: {_unknown(name)}"


def _unknown(name: str) -> str:
    close = [FORMER[name]] if name in FORMER else get_close_matches(name, ALLOWED, n=1)
    advice = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(ALLOWED)}"
    return f"there is no such parameter; {advice}"


def _together(p: Parameters) -> Iterator[str]:
    if p.min_lead_minutes >= p.horizon_days * DAY_MINUTES:
        yield (
            f"min_lead_minutes = {p.min_lead_minutes:.10g} is not below horizon_days = {p.horizon_days}; "
            f"allowed: a number from 0, below {p.horizon_days * DAY_MINUTES}"
        )
    if p.train_share + p.validation_share >= 1:
        yield (
            f"train_share = {p.train_share!r} and validation_share = {p.validation_share!r} sum to "
            f"{p.train_share + p.validation_share:g}; allowed: a sum below 1, so that test gets days too"
        )
    elif p.source == "generate":
        yield from _short_splits(p)
    if p.search_trials and find_spec("optuna") is None:
        yield f"search_trials = {p.search_trials} needs Optuna: pip install 'willbuy[tune]'; allowed without it: 0"
    yield from _simulated(p) if p.source == "generate" else _real(p)


def _simulated(p: Parameters) -> Iterator[str]:
    if p.users * p.days > MOST_USER_DAYS:
        yield (
            f"users = {p.users} times days = {p.days} is too large a log; "
            f"allowed: a product of at most {MOST_USER_DAYS}"
        )
    if p.horizon_days > LONGEST_SIMULATED_HORIZON:
        yield (
            f"horizon_days = {p.horizon_days}; allowed with source = 'generate': at most "
            f"{LONGEST_SIMULATED_HORIZON}, as far ahead as the simulated shop knows its truth"
        )


def _real(p: Parameters) -> Iterator[str]:
    for name in ("log", "log_format"):
        if not getattr(p, name):
            yield f"{name} = {getattr(p, name)!r}; allowed with source = 'ingest': {ALLOWED[name]}"


def _short_splits(p: Parameters) -> Iterator[str]:
    try:
        split_periods(EPOCH, EPOCH + p.days * DAY - MICROSECOND, p.horizon_days, p.train_share, p.validation_share)
    except LogTooShort as error:
        yield f"horizon_days = {p.horizon_days} does not fit into days = {p.days}; allowed: {error}"
