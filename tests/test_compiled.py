"""What runs is what the sources say: no cached code outlives an edit, and nothing needs a cache to start."""

import ast
import os
import shutil
from pathlib import Path

import pytest
from forks import Fork

from willbuy.build import fingerprint

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PROBE = """
from willbuy.compiled import entry
from willbuy.step import step
@entry
def twice(x):
    return step(step(x))
"""
STEP = """
from willbuy.compiled import part
@part
def step(x):
    return x + 1
"""
RUN = "from willbuy.probe import twice; print(twice({0}), *twice.stats.cache_hits.values())"


@pytest.fixture
def package(tmp_path):
    """As much of the package as a compiled function needs, with one whose code stands in two files."""
    package = tmp_path / "src/willbuy"
    for name in ("__init__.py", "compiled.py", "build/__init__.py", "build/fingerprint.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "src/willbuy" / name, package / name)
    (package / "probe.py").write_text(PROBE)
    (package / "step.py").write_text(STEP)
    return package


def run(package: Path, code: str, **environment: str) -> str:
    # Python's own cache of bytecode looks at no more of a file than its size and time.
    here = {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": ""}
    done = Fork(("-c", code), package.parents[1], {**os.environ, **here, **environment}).wait()
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


def edit(path: Path, old: str, new: str) -> None:
    """Replace text by as much other text, and keep the file's times."""
    text, times = path.read_text(), path.stat()
    assert old in text and len(old) == len(new)
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_an_edit_in_another_file_takes_effect_and_what_is_unchanged_is_not_compiled_again(package):
    assert run(package, RUN.format(1)) == "3"
    assert run(package, RUN.format(1)) == "3 1"
    edit(package / "step.py", "x + 1", "x + 4")
    assert run(package, RUN.format(1)) == "9"


def test_what_explains_a_prediction_is_compiled_from_the_walk_too():
    trees = ROOT / "src/willbuy/models/trees"
    assert trees / "walk.py" in fingerprint.modules(trees / "shap.py")


def test_results_of_another_version_or_of_other_types_are_not_taken_for_these(package):
    """As processes leave them that write at one time: an index by one, the results by another."""
    run(package, RUN.format(1))
    cache = package / "__pycache__"
    (old,) = (path.read_bytes() for path in cache.glob("*.nbc"))
    edit(package / "step.py", "x + 1", "x + 4")
    run(package, RUN.format(1))
    run(package, RUN.format(0.5))
    whole, floats = sorted(cache.glob("*.nbc"))
    floats.write_bytes(whole.read_bytes())
    whole.write_bytes(old)
    assert (run(package, RUN.format(1)), run(package, RUN.format(0.5))) == ("9", "8.5")


def test_a_damaged_cache_is_written_anew(package):
    run(package, RUN.format(1))
    for path in (package / "__pycache__").glob("*.nb?"):
        path.write_bytes(path.read_bytes()[:100])
        assert run(package, RUN.format(1)) == "3"
    assert run(package, RUN.format(1)) == "3 1"


def test_the_cache_lies_where_one_asks_for_it(package, tmp_path):
    run(package, RUN.format(1), NUMBA_CACHE_DIR=str(tmp_path / "asked"))
    assert list((tmp_path / "asked").rglob("*.nbc")) and not (package / "__pycache__").exists()


@pytest.mark.parametrize(("mode", "kept"), [(0o700, 1), (0o777, 0)])
def test_where_sources_are_read_only_a_temporary_folder_serves_if_nobody_else_can_write_to_it(package, mode, kept):
    (package / "__pycache__").touch()  # a file, in which nobody can make a file, root included
    folder = package.parent / f"temporary/willbuy-{os.getuid()}"
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert run(package, RUN.format(1), TMPDIR=str(folder.parent), HOME="/nowhere") == "3"
    assert len(list(folder.rglob("*.nbc"))) == kept


def test_numba_is_used_through_one_module_only():
    for path in [path for folder in ("src", "app") for path in (ROOT / folder).rglob("*.py")]:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        assert path.name == "compiled.py" or "numba" not in {name.split(".")[0] for name in names}, path
