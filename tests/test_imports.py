"""Modules import each other one way: no circles, and nothing of the pipeline knows of the server."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"willbuy": ROOT / "src", "app": ROOT}
SERVED_BY = {
    "clock",
    "compiled",
    "features",
    "files",
    "machine",
    "models",
    "repeats",
    "schema",
}  # what of willbuy the server reads


def modules(package):
    folder = PACKAGES[package]
    paths = {path.relative_to(folder).with_suffix("").parts: path for path in (folder / package).rglob("*.py")}
    return {".".join(parts).removesuffix(".__init__"): path for parts, path in paths.items()}


def imported(path, known):
    """What the module at `path` imports, wherever in it; of `known` modules themselves, not their package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            named = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from (full if full in known else node.module for full in named.values())


KNOWN = {name: path for package in PACKAGES for name, path in modules(package).items()}
GRAPH = {name: set(imported(path, KNOWN)) for name, path in KNOWN.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_modules_import_each_other_in_a_circle(package):
    graph = {name: found & KNOWN.keys() - {name} for name, found in GRAPH.items() if name.split(".")[0] == package}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph) > 30


def test_a_circle_would_be_seen(tmp_path):
    (tmp_path / "a.py").write_text("def f():\n    from pkg import b\n")
    assert set(imported(tmp_path / "a.py", {"pkg.b"})) == {"pkg.b"}
    with pytest.raises(ValueError, match="cycle"):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()


def test_no_view_imports_a_view():
    views = {name for name in GRAPH if name.startswith("app.views.")}
    assert len(views) >= 9
    assert {name: found & views for name, found in GRAPH.items() if name in views and found & views} == {}


def test_the_pipeline_knows_neither_server_nor_notebooks():
    roots = {found.split(".")[0] for name, imports in GRAPH.items() if name.startswith("willbuy") for found in imports}
    assert "numpy" in roots and roots.isdisjoint({"app", "notebooks", "tests", "benchmarks", "flask"})


def test_the_server_reads_little_of_the_pipeline():
    parts = {
        f.split(".")[1]
        for name, imports in GRAPH.items()
        if name.startswith("app")
        for f in imports
        if f.startswith("willbuy.")
    }
    assert parts <= SERVED_BY
