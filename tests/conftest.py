"""A copy of the project that tests may break, and two builds of the sample shop, once a session for all its workers."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import calm  # noqa: F401  before numpy and XGBoost are loaded
import pytest
from hypothesis import settings
from project import Project, in_another_world

ROOT = Path(__file__).parents[1]
PARTS = ("pipeline.yaml", "pipeline.backtest.yaml", "env.yaml", "env.sample.yaml", "notebooks", "src")
# What no table may depend on.
LIMITS = {"threads": 1, "bucket_events": 999, "memory_limit": "900MB"}
MACHINE = {**LIMITS, "notebook_executor": "papermill"}

settings.register_profile("quick", max_examples=20)


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Make a folder once a session: `once(name, make)` calls `make(folder)` in the first process that asks for it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name, make) -> Path:
        folder, done = base / name, base / f"{name}.done"
        with open(base / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def sample(once) -> Project:
    """The project with the sample shop built: read it, do not change it."""

    def build(root: Path) -> None:
        for part in PARTS:
            _copy(ROOT / part, root / part)
        Project(root).build(check=True)

    return Project(once("sample", build))


@pytest.fixture(scope="session")
def elsewhere(once, sample) -> Project:
    """The same shop, built in another world on another machine: read it, do not change it."""
    limits = [part for name, value in MACHINE.items() for part in (f"--env--{name}", str(value))]

    def build(folder: Path) -> None:
        (folder / "home").mkdir()
        shutil.copytree(sample.root, folder / "project", ignore=shutil.ignore_patterns("products"))
        project = in_another_world(folder)
        for task in ("featurize", "train"):
            project.expects(task, **LIMITS)
        project.build(*limits, check=True)

    return in_another_world(once("elsewhere", build))


@pytest.fixture(scope="session")
def backtested(once, sample) -> Project:
    """The sample shop with a small backtest of it: read it, do not change it."""

    def build(folder: Path) -> None:
        shutil.copytree(sample.root, folder, dirs_exist_ok=True)
        Project(folder).backtest(check=True)

    return Project(once("backtested", build))


@pytest.fixture
def project(sample, tmp_path) -> Project:
    """A copy of the built sample, up to date, for a test to change."""
    shutil.copytree(sample.root, tmp_path / "project", dirs_exist_ok=True)
    return Project(tmp_path / "project")


def _copy(source: Path, target: Path) -> None:
    """A copy of a file or folder, compiled code included: it holds as long as the sources do."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
