"""The keys of a mapping, and the values that each allows. docs/ingest.md explains them."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from willbuy.schema import CONTEXT, EVENT_TYPES

NULLS = ("", "null", "~")
# Texts that stand for "not known" in logs written by SQL dumps, pandas and Python.
MISSING = ("", "NULL", "null", "None", "NaN", "nan", "\\N")
CSV, JSON_LINES, PARQUET = FILE_TYPES = ("csv", "json_lines", "parquet")
ISO = "iso8601"
UNIX = {"unix_seconds": 1_000_000, "unix_milliseconds": 1_000, "unix_microseconds": 1}  # microseconds in a unit

BRACES = re.compile(r"\{(\w+)\}")  # names in `path`
CONTEXT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: _listed(value))]
# A list names each context as the log does.
Contexts = Annotated[
    dict[str, Names],
    BeforeValidator(lambda value: value if isinstance(value, dict) else {v: v for v in _listed(value)}),
]
EventType = Literal[EVENT_TYPES]  # type: ignore[valid-type]


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        # `quote: null` alone says something by being null: there is no quoting.
        return {k: None if v in NULLS else v for k, v in given.items() if k == "quote" or v not in NULLS}


class _Named(_Strict):
    def named(self) -> dict[str, tuple[str, ...]]:
        """Our column name -> the log's columns that it is read from, the first known value counting."""
        return {ours: theirs for ours, theirs in self if theirs}

    @model_validator(mode="after")
    def _one_meaning_each(self):
        meanings: dict[str, str] = {}
        for ours, theirs in self.named().items():
            for name in theirs:
                if meanings.setdefault(name, ours) != ours:
                    raise ValueError(f"{name!r} stands for {meanings[name]} and for {ours}; a column has one meaning")
        return self


class LogColumns(_Named):
    """Which columns of the log hold what; a list means: the first of these that is not missing."""

    user_id: Names
    item_id: Names
    timestamp: Names
    event_type: Names | None = None
    price: Names | None = None
    category: Names | None = None
    duration_seconds: Names | None = None
    quantity: Names | None = None
    event_id: Names | None = None


OWN_COLUMNS = LogColumns.model_validate({name: name for name in LogColumns.model_fields})


class ItemColumns(_Named):
    """Which columns of an item file hold what; `timestamp` orders an item's rows, the first counting."""

    item_id: Names
    timestamp: Names | None = None
    category: Names | None = None
    base_price: Names | None = None


class Layout(_Strict):
    """How one file is read: how its bytes become fields, and its texts times and numbers."""

    columns: _Named
    file_type: Literal[FILE_TYPES] | None = None  # type: ignore[valid-type]
    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    names: tuple[str, ...] | None = None
    last_line: Literal["whole"] | None = None
    explode: str | None = None
    missing: dict[str, Names] = Field(default_factory=dict)
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'", "_"] | None = None
    currency: Names = ()
    where: dict[str, Names] = Field(default_factory=dict)
    path: str | None = None
    timestamp: str
    timezone: str = "UTC"

    @field_validator("delimiter", "quote")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = "\t" if value == "\\t" else value
        if value is not None and (len(value) != 1 or not value.isascii() or value in "\r\n\0"):
            raise ValueError("must be one ASCII character")
        return value

    @field_validator("path")
    @classmethod
    def _names_in_braces(cls, value: str) -> str:
        if not BRACES.search(value):
            raise ValueError("names columns in braces, such as day={day}/{shop}-")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"Python knows no encoding {value!r}") from None
        return value

    @field_validator("timestamp")
    @classmethod
    def _known_clock(cls, value: str) -> str:
        clocks = (ISO, *UNIX)
        if value not in clocks and "%" not in value:
            raise ValueError(f"{value!r} is neither {', '.join(clocks)} nor a strptime pattern such as %d/%m/%Y %H:%M")
        return value

    @model_validator(mode="after")
    def _two_signs(self):
        if self.thousands == self.decimal:
            raise ValueError(f"thousands: {self.thousands!r} is the decimal sign; give decimal and thousands two signs")
        return self

    @model_validator(mode="after")
    def _missing_names_columns(self):
        known = {*type(self.columns).model_fields, *self.named()}
        if unknown := sorted(set(self.missing) - set(known)):
            raise ValueError(f"missing: {unknown} are none of {sorted(known)}")
        return self

    def named(self) -> dict[str, tuple[str, ...]]:
        """Our column name -> the log's columns that it is read from, of all that is read."""
        return self.columns.named()

    def wanted(self) -> list[str]:
        """The columns of the file that are read, each once; those of its path are not in it."""
        named = [name for names in self.named().values() for name in names]
        return [name for name in dict.fromkeys([*named, *self.where]) if name not in self.path_names()]

    def path_names(self) -> list[str]:
        """The columns that the path of a file says."""
        return BRACES.findall(self.path or "")

    def missing_texts(self, column: str) -> tuple[str, ...]:
        """The texts that mean "not known" in our `column`."""
        return MISSING + self.missing.get(column, ())


class ItemLayout(Layout):
    """How an item file is read: `log` is a name or a glob beside the log."""

    log: Names
    columns: ItemColumns
    timestamp: str = ISO


class LogLayout(Layout):
    """How one file of a log is read: the keys of the mapping, those of `files` before the others.

    With `select`, our own names, types and times are understood unless the mapping says otherwise.
    """

    columns: LogColumns
    context: Contexts = Field(default_factory=dict)
    select: str | None = None
    tables: dict[str, Names] = Field(default_factory=dict)
    event_type: EventType | None = None
    event_types: dict[str, EventType] = Field(default_factory=dict)
    ignore: Names = ()
    between: tuple[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _own_names(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "select" not in given:
            return given
        types = {} if {"event_type", "event_types"} & set(given) else {"event_types": {t: t for t in EVENT_TYPES}}
        columns = {name: name for name in LogColumns.model_fields if name != "event_type" or "event_type" not in given}
        return {"columns": columns, "timestamp": ISO, **types, **given}

    @field_validator("context")
    @classmethod
    def _plain_names(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if bad := [name for name in value if not CONTEXT_NAME.fullmatch(name)]:
            raise ValueError(
                f"{bad}: a context is called by small letters, digits and _, at most 40; give it a name of its own, "
                "such as context: {medium: trafficSource.medium}"
            )
        return value

    @field_validator("between")
    @classmethod
    def _two_dates(cls, value: tuple[str, str]) -> tuple[str, str]:
        first, end = map(datetime.fromisoformat, value)
        if (first.tzinfo is None) != (end.tzinfo is None) or first >= end:
            raise ValueError("must be [first time, end], the end later, both or neither with an offset")
        return value

    def named(self) -> dict[str, tuple[str, ...]]:
        """The columns and the contexts."""
        return self.columns.named() | {CONTEXT + name: theirs for name, theirs in self.context.items()}

    @model_validator(mode="after")
    def _type_from_somewhere(self):
        if self.event_type is None and not (self.columns.event_type and self.event_types):
            raise ValueError("give columns.event_type with event_types, or event_type for a file of one type only")
        if self.event_type is not None and (self.columns.event_type or self.event_types):
            raise ValueError("event_type (every row is of this type) excludes columns.event_type and event_types")
        return self
