"""The fingerprint of the code behind a notebook: when a module it uses changes, the task is out of date."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def of_notebook(notebook: str | Path) -> str:
    """A hash over the modules of this package that `notebook` (a .py) imports, directly or through one another.

    Reads sources, imports nothing: an unused module changes nothing, a broken one is still hashed. Files that are
    not Python count with the package whose folder they lie in. The notebook itself is not hashed; Ploomber compares it.
    """
    return _hash(modules(notebook))


def of_files(paths: Iterable[str | Path]) -> str:
    """A hash over the name, size and time of change of files that another pipeline left; they are not read."""
    marks = ((path, path.stat()) for path in map(Path, paths))
    lines = [f"{path.name} {status.st_size} {status.st_mtime_ns}" for path, status in marks]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def of_module(path: Path) -> str:
    """The same for a module of this package, the module itself included."""
    return _hash(sorted({path, *modules(path)}))


def modules(notebook: str | Path) -> list[Path]:
    """The files of this package behind `notebook`, sorted: every module it can reach by import statements."""
    reached: set[Path] = set()
    waiting = _imports(Path(notebook))
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting |= _imports(path) if path.suffix == ".py" else set()
    return sorted(reached)


def _hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _imports(source: Path) -> set[Path]:
    return {path for name in _names(source, source.read_bytes()) for path in _files(name)}


@cache
def _names(source: Path, content: bytes) -> frozenset[str]:
    return frozenset(name for node in _statements(ast.parse(content, str(source))) for name in _imported(node, source))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below `node`. Not going into expressions, where no import can stand, saves most of the time."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from _statements(child)


def _imported(node: ast.AST, source: Path) -> Iterator[str]:
    """The dotted names that an import statement may load; `from a import b` may load the module `a.b`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, source)
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _absolute(node: ast.ImportFrom, source: Path) -> str:
    if not node.level:
        return node.module or ""
    parts = source.relative_to(PACKAGE.parent).parts[: -node.level]
    return ".".join([*parts, node.module] if node.module else parts)


def _files(name: str) -> Iterator[Path]:
    """The files that importing the dotted `name` reads: each package on the way, then the module."""
    first, *rest = name.split(".")
    if first == PACKAGE.name:
        yield from _init(PACKAGE)
        folder = PACKAGE
        for part in rest:
            if (folder / f"{part}.py").is_file():
                yield folder / f"{part}.py"
            folder = folder / part
            if folder.is_dir():
                yield from _init(folder)
                yield from _data(folder)


def _init(package: Path) -> Iterator[Path]:
    return (p for p in (package / "__init__.py",) if p.is_file())


def _data(folder: Path) -> Iterator[Path]:
    return (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".py" and "__pycache__" not in p.parts)
