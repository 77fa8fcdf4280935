"""CONTRIBUTING.md, followed to the letter in a copy of the project: each recipe works, on the files it names."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from project import Project, ran
from recipes import TEXT, copy, recipes

TOUCHED = {
    "Add a feature": 2,
    "Add a parameter": 5,
    "Add an endpoint": 2,
    "Add a log format": 2,
    "Add a task": 3,
    "Add a model": 3,
}


def follow(name: str, root) -> None:
    """Take the steps of a recipe in the copy at `root`, and `make docs` after them."""
    for step in recipes()[name]:
        step.take(root)
    run(root, "-m", "writing")


def run(root, *arguments: str) -> str:
    paths = os.pathsep.join(str(root / folder) for folder in ("src", ".", "docs"))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def check(root, *paths: str) -> None:
    run(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths)


@pytest.fixture
def project(tmp_path):
    return copy(tmp_path)


@pytest.fixture
def built(project, sample) -> Project:
    """The copy with the sample shop's products in it."""
    shutil.copytree(sample.products, project / "products/sample")
    return Project(project)


def test_every_recipe_is_here_and_names_every_file_it_touches():
    found = recipes()
    assert {name: len({step.path for step in steps}) for name, steps in found.items()} == TOUCHED
    assert sum(map(len, found.values())) == TEXT.count("\nNew `") + TEXT.count("\nIn `")


@pytest.mark.slow
def test_a_feature(project):
    follow("Add a feature", project)
    assert "| `user_item_scroll_count_7d` | int32 |" in (project / "docs/features.md").read_text()
    check(project, "tests/features/test_definitions.py", "tests/features/test_oracle.py", "tests/docs")


@pytest.mark.slow
def test_a_parameter(built):
    follow("Add a parameter", built.root)
    assert ran(built.build(check=True)) == ["evaluate"]
    refused = built.ploomber("status", "--env--importance_features", "0")
    assert "importance_features = 0; allowed: a whole number from 1 to 100" in refused.stdout
    check(built.root, "tests/docs", "tests/test_documentation.py")


@pytest.mark.slow
def test_an_endpoint(project):
    follow("Add an endpoint", project)
    assert "| `GET /echo` | `predict` | Say it again. |" in (project / "docs/api.md").read_text()
    check(project, "tests/app/views/test_echo.py", "tests/test_imports.py", "tests/docs")


@pytest.mark.slow
def test_a_log_format(project):
    follow("Add a log format", project)
    assert "| `acme` | the click log of Acme" in (project / "docs/ingest.md").read_text()
    check(project, "tests/ingest/mapping", "tests/ingest/test_ingest_docs.py", "tests/docs")


@pytest.mark.slow
def test_a_task(built):
    follow("Add a task", built.root)
    assert built.outdated() == ["audience"]
    built.build(check=True)
    assert json.loads((built.products / "audience.json").read_text())["users"] > 0
    check(built.root, "tests/test_notebooks.py", "tests/test_documentation.py")


@pytest.mark.slow
def test_a_model(built):
    follow("Add a model", built.root)
    assert built.outdated() == ["train", "evaluate"]
    built.build("--partially", "train", check=True)
    assert "persistence" in (built.products / "reports/train.html").read_text()
    check(built.root, "tests/models/test_persistence.py", "tests/test_notebooks.py")
