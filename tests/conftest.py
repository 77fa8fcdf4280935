"""A copy of the project that tests may break, and the sample shop built in it once a session."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from project import Project

ROOT = Path(__file__).parents[1]
PARTS = ("pipeline.yaml", "env.yaml", "env.sample.yaml", "notebooks", "src")


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Project:
    """The project with the sample shop built: read it, do not change it."""
    root = tmp_path_factory.mktemp("sample")
    for part in PARTS:
        _copy(ROOT / part, root / part)
    started = time.monotonic()
    Project(root).build(check=True)
    return Project(root, seconds=time.monotonic() - started)


@pytest.fixture
def project(sample, tmp_path) -> Project:
    """A copy of the built sample, up to date, for a test to change."""
    shutil.copytree(sample.root, tmp_path / "project", dirs_exist_ok=True)
    return Project(tmp_path / "project")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
