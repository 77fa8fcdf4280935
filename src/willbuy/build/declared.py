"""The file of parameters as it is written: env.yaml, or the file that PLOOMBER_ENV_FILENAME names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from ploomber.util.default import path_to_env_from_spec

from willbuy.build.parameters import ParameterError


def declared(pipeline: str = "pipeline.yaml") -> dict[str, object]:
    """What the file of parameters of `pipeline` says, and the file that it imports; nothing where there is no file.

    Only here a key shows up that the pipeline does not know. Raises ParameterError for a file that is not there, is
    empty, is no YAML or holds anything but names with values; the message begins with the file.
    """
    try:
        path = path_to_env_from_spec(pipeline)
    except (FileNotFoundError, ValueError) as error:
        raise ParameterError(f"PLOOMBER_ENV_FILENAME names no file of parameters: {error}") from None
    return _read(Path(path), ()) if path else {}


def _read(path: Path, before: tuple[Path, ...]) -> dict[str, object]:
    if path in before:
        raise ParameterError(f"{path}: import_from leads back to this file; let one of them import nothing")
    own = _parse(path)
    imported = _imported(path, own.pop("meta", {}))
    return {**(_read(imported, (*before, path)) if imported else {}), **own}


def _parse(path: Path) -> dict[str, object]:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ParameterError(f"{path}{_where(error)}: this is no YAML: {_problem(error)}") from None
    except ValueError as error:  # a date such as 2024-13-45
        raise ParameterError(f"{path} holds a value that cannot be: {error}; text belongs into quotes") from None
    if not isinstance(content, Mapping):
        found = "is empty" if content is None else "holds no names with values"
        raise ParameterError(f"{path} {found}; its lines should look like `users: 10000`, as those in the repository")
    _check_names(path, node)
    return dict(content)


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or " ".join(str(error).split())


def _check_names(path: Path, node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        where = f"{path}, line {key.start_mark.line + 1}"
        if key.tag != "tag:yaml.org,2002:str":
            raise ParameterError(f"{where}: {key.value!r} is not the name of a parameter")
        if key.value in seen:
            raise ParameterError(f"{where}: {key.value} is there twice; keep one of the two")
        seen.add(key.value)


def _imported(path: Path, meta: object) -> Path | None:
    if not isinstance(meta, Mapping) or set(meta) - {"import_from"}:
        raise ParameterError(f"{path}: meta = {meta!r}; allowed: import_from and the name of a file")
    if "import_from" not in meta:
        return None
    imported = path.with_name(str(meta["import_from"]))
    if not imported.is_file():
        raise ParameterError(f"{path}: import_from = {meta['import_from']!r}; there is no such file beside it")
    return imported
