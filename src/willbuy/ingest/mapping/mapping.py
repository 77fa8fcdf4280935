"""A mapping says how to read a shop's log: its columns, event types and times. docs/ingest.md explains it."""

from fnmatch import fnmatch
from importlib.resources import files as package_files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from willbuy.ingest.errors import IngestError, about
from willbuy.ingest.mapping.layout import ItemLayout, LogLayout
from willbuy.schema import contexts

FORMATS = package_files("willbuy.ingest.mapping") / "formats"


class Mapping(BaseModel):
    """A whole mapping: a layout for each file name pattern of the log, and one for each kind of item file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    layouts: dict[str, LogLayout]
    items: tuple[ItemLayout, ...] = ()

    @property
    def contexts(self) -> list[str]:
        """The context columns that any of the layouts reads, each once."""
        return contexts(dict.fromkeys(name for layout in self.layouts.values() for name in layout.named()))

    def layout(self, path: Path) -> LogLayout:
        """The layout of the log file at `path`. Raises IngestError if no pattern of `files` fits its name."""
        for pattern, layout in self.layouts.items():
            if fnmatch(path.name, pattern):
                return layout
        raise about(path, f"no pattern of `files` in {self.name} fits this name; they are {', '.join(self.layouts)}")


def built_in() -> tuple[str, ...]:
    """The names of the formats that come with willbuy."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in FORMATS.iterdir() if f.name.endswith(".yaml")))


def load(log_format: str | Path) -> Mapping:
    """The mapping called `log_format`: the name of a built-in format, or the path of a mapping file.

    Raises IngestError for an unknown name, broken YAML, an unknown or missing key and a value that is not allowed,
    all problems in one message.
    """
    return parse(source(log_format), str(log_format))


def source(log_format: str | Path) -> str:
    """The YAML of a mapping, as it is written. Raises IngestError where there is none."""
    if str(log_format) in built_in():
        return (FORMATS / f"{log_format}.yaml").read_text(encoding="utf-8")
    path = Path(log_format)
    if not path.is_file():
        raise IngestError(f"log_format {str(log_format)!r} is neither a file nor one of {', '.join(built_in())}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise about(path, f"a mapping is UTF-8 text; {error}") from None


def parse(text: str, name: str) -> Mapping:
    """The mapping that the YAML `text` describes; `name` names it in errors. Raises IngestError."""
    document = _document(text, name)
    items = document.pop("items", ())
    items = [items] if isinstance(items, dict) else items
    parts = document.pop("files", {"*": {}})
    if not isinstance(parts, dict) or not all(isinstance(part, dict) for part in parts.values()):
        raise about(name, "`files` must map a file name pattern to the keys that differ for those files")
    layouts = {pattern: {**document, **part} for pattern, part in parts.items()}
    try:
        return Mapping.model_validate({"name": name, "layouts": layouts, "items": items})
    except ValidationError as error:
        raise about(name, _explain(error)) from None


def _document(text: str, name: str) -> dict:
    # BaseLoader keeps every scalar as it is written: `on`, `007` and `2017-11-25` stay text, as they are in the log.
    try:
        _require_single_keys(yaml.compose(text, Loader=yaml.BaseLoader), name)
        document = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise about(name, f"not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise about(name, f"a mapping is a YAML mapping of keys such as {', '.join(LogLayout.model_fields)}")
    return document


def _require_single_keys(node: yaml.Node | None, name: str) -> None:
    """YAML takes the last of two equal keys, and the first is lost without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, inner in node.value:
            if key.value in seen:
                raise about(name, f"line {key.start_mark.line + 1}: {key.value!r} is there twice; keep one of the two")
            seen.add(key.value)
            _require_single_keys(inner, name)
    for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
        _require_single_keys(inner, name)


def _explain(error: ValidationError) -> str:
    problems = [f"{_key(e['loc'])}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
    known = sorted({*LogLayout.model_fields, "files", "items"})
    return f"{'; '.join(dict.fromkeys(problems))}. Known keys: {', '.join(known)}; see docs/ingest.md"


def _key(location: tuple) -> str:
    # ("layouts", "*", "columns", "user") is the key `columns.user` of the file.
    parts = [str(p) for p in location if p != "layouts"]
    if parts[:1] == ["*"]:
        parts = parts[1:]
    return ".".join(parts) or "mapping"
