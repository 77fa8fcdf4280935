"""A mapping says how to read a shop's log: its columns, its event types, its clock. See docs/ingest.md."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatch
from importlib.resources import files as package_files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from willbuy.ingest.errors import IngestError, at
from willbuy.schema import EVENT_TYPES

FORMATS = package_files("willbuy.ingest") / "formats"
NULLS = ("", "null", "~")
# Texts that stand for "not known" in logs written by SQL dumps, pandas and Python.
MISSING = ("", "NULL", "null", "None", "NaN", "nan", "\\N")
EVER = ("0001-01-01", "9999-12-31")
CLOCKS = ("iso8601", "unix_seconds", "unix_milliseconds", "unix_microseconds")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
EventType = Literal[EVENT_TYPES]


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
    def sources(self) -> dict[str, tuple[str, ...]]:
        """Our column name -> the log's columns that it is read from, the first known value counting."""
        return {ours: theirs for ours, theirs in self if theirs}


class Columns(_Named):
    """Which columns of the log hold what; a list means: the first of these that is not missing."""

    user_id: Names
    item_id: Names
    timestamp: Names
    event_type: Names | None = None
    price: Names | None = None
    category: Names | None = None
    duration_seconds: Names | None = None


class CatalogColumns(_Named):
    """Which columns of an item file hold what; `timestamp` orders an item's rows, the first counting."""

    item_id: Names
    timestamp: Names | None = None
    category: Names | None = None
    base_price: Names | None = None


class _FileShape(_Strict):
    """How the bytes of a file become fields, and its times moments."""

    file_type: Literal["csv", "json_lines", "parquet"] | None = None
    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    names: tuple[str, ...] | None = None
    missing: dict[str, Names] = Field(default_factory=dict)
    timestamp: str
    timezone: str = "UTC"

    @field_validator("delimiter", "quote")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = "\t" if value == "\\t" else value
        if value is not None and (len(value) != 1 or not value.isascii() or value in "\r\n\0"):
            raise ValueError("must be one ASCII character")
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
        if value not in CLOCKS and "%" not in value:
            raise ValueError(f"{value!r} is neither {', '.join(CLOCKS)} nor a strptime pattern such as %d/%m/%Y %H:%M")
        return value

    @model_validator(mode="after")
    def _missing_names_columns(self):
        unknown = sorted(set(self.missing) - set(type(self.columns).model_fields))
        if unknown:
            raise ValueError(f"missing: {unknown} are none of {sorted(type(self.columns).model_fields)}")
        return self

    def missing_texts(self, column: str) -> tuple[str, ...]:
        """The texts that mean "not known" in our `column`."""
        return MISSING + self.missing.get(column, ())


class Catalog(_FileShape):
    """A second file that knows the items: `log` is a glob beside the log; `where` picks rows by exact values."""

    log: Names
    columns: CatalogColumns
    where: dict[str, str] = Field(default_factory=dict)
    timestamp: str = "iso8601"


class Layout(_FileShape):
    """How one file of a log is read: the mapping's keys, after `files` has had its say."""

    columns: Columns
    event_type: EventType | None = None
    event_types: dict[str, EventType] = Field(default_factory=dict)
    ignore: Names = ()
    between: tuple[str, str] | None = None
    decimal: Literal[".", ","] = "."
    explode: str | None = None

    @field_validator("between")
    @classmethod
    def _two_dates(cls, value: tuple[str, str] | None) -> tuple[str, str] | None:
        first, end = (datetime.fromisoformat(moment) for moment in value or EVER)
        if (first.tzinfo is None) != (end.tzinfo is None) or first >= end:
            raise ValueError("must be [first moment, end], the end later, both or neither with an offset")
        return value

    @model_validator(mode="after")
    def _type_from_somewhere(self):
        if self.event_type is None and not (self.columns.event_type and self.event_types):
            raise ValueError("give columns.event_type with event_types, or event_type for a file of one type only")
        if self.event_type is not None and (self.columns.event_type or self.event_types):
            raise ValueError("event_type (every row is of this type) excludes columns.event_type and event_types")
        return self


class Mapping(BaseModel):
    """A whole mapping: a layout for each file of the log, and where the items' own file is, if any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    layouts: dict[str, Layout]
    items: Catalog | None = None

    def layout(self, path: Path) -> Layout:
        """The layout of the log file at `path`. Raises IngestError where no pattern of `files` fits its name."""
        for pattern, layout in self.layouts.items():
            if fnmatch(path.name, pattern):
                return layout
        raise at(path, f"no pattern of `files` in {self.source} fits this name; they are {', '.join(self.layouts)}")


def built_in() -> tuple[str, ...]:
    """The names of the formats that come with willbuy."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in FORMATS.iterdir() if f.name.endswith(".yaml")))


def load(log_format: str | Path) -> Mapping:
    """The mapping called `log_format`: the name of a built-in format, or the path of a mapping file.

    Raises IngestError for an unknown name, broken YAML, an unknown or missing key and a value that is not allowed,
    all problems in one message.
    """
    if str(log_format) in built_in():
        return parse((FORMATS / f"{log_format}.yaml").read_text(encoding="utf-8"), str(log_format))
    path = Path(log_format)
    if not path.is_file():
        raise IngestError(f"log_format {str(log_format)!r} is neither a file nor one of {', '.join(built_in())}")
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise at(path, f"a mapping is UTF-8 text; {error}") from None


def parse(text: str, source: str) -> Mapping:
    """The mapping that the YAML `text` describes; `source` names it in errors. Raises IngestError."""
    document = _document(text, source)
    items = document.pop("items", None)
    parts = document.pop("files", {"*": {}})
    if not isinstance(parts, dict) or not all(isinstance(part, dict) for part in parts.values()):
        raise at(source, "`files` must map a file name pattern to the keys that differ for those files")
    layouts = {pattern: {**document, **part} for pattern, part in parts.items()}
    try:
        return Mapping(source=source, layouts=layouts, items=items)
    except ValidationError as error:
        raise at(source, _explain(error)) from None


def _document(text: str, source: str) -> dict:
    # BaseLoader keeps every scalar as it is written: `on`, `007` and `2017-11-25` stay text, as they are in the log.
    try:
        document = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise at(source, f"not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise at(source, f"a mapping is a YAML mapping of keys such as {', '.join(Layout.model_fields)}")
    return document


def _explain(error: ValidationError) -> str:
    problems = [f"{_key(e['loc'])}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
    known = sorted({*Layout.model_fields, "files", "items"})
    return f"{'; '.join(dict.fromkeys(problems))}. Known keys: {', '.join(known)}; see docs/ingest.md"


def _key(location: tuple) -> str:
    # ("layouts", "*", "columns", "user") is the key `columns.user` of the file.
    parts = [str(p) for p in location if p != "layouts"]
    if parts[:1] == ["*"]:
        parts = parts[1:]
    return ".".join(parts) or "mapping"
