"""CONTRIBUTING.md, followed to the letter in a copy of the project: all recipes, one after another, work together."""

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


# What a build would run after each of them, and after those before it. The last changes most.
OUTDATED = {
    "Add an endpoint": [],
    "Add a log format": [],
    "Add a parameter": ["evaluate"],
    "Add a task": ["evaluate", "audience"],
    "Add a model": ["train", "evaluate", "audience"],
    "Add a feature": ["featurize", "train", "evaluate", "audience"],
}
TESTS = (
    "tests/app/views/test_echo.py",
    "tests/docs",
    "tests/features/test_definitions.py",
    "tests/features/test_oracle.py",
    "tests/ingest/mapping",
    "tests/ingest/test_ingest_docs.py",
    "tests/models/test_persistence.py",
    "tests/test_documentation.py",
    "tests/test_imports.py",
    "tests/test_notebooks.py",
)

LOAD = """
from ploomber.constants import TaskStatus
from ploomber.spec import DAGSpec
tasks = DAGSpec("pipeline.yaml").to_dag().render(show_progress=False).values()
print(*[task.name for task in tasks if task.exec_status != TaskStatus.Skipped])
"""


def run(root, *arguments: str) -> str:
    paths = os.pathsep.join(str(root / folder) for folder in ("src", ".", "docs"))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def followed(once, sample) -> Project:
    """A copy of the project with the sample shop's products, all recipes in it, and `make docs` after them."""

    def follow(root) -> None:
        copy(root)
        for folder in ("products/sample", "src"):  # compiled code too: it holds as long as the sources do
            shutil.copytree(sample.path(folder), root / folder, dirs_exist_ok=True)
        project, steps, outdated = Project(root), recipes(), {}
        for name in OUTDATED:
            for step in steps[name]:
                step.take(root)
            outdated[name] = project.fork("-c", LOAD).wait().stdout.splitlines()[-1].split()
        (root / "outdated.json").write_text(json.dumps(outdated))
        run(root, "-m", "writing")

    return Project(once("followed", follow))


def test_every_recipe_is_here_and_names_every_file_it_touches():
    found = recipes()
    assert {name: len({step.path for step in steps}) for name, steps in found.items()} == TOUCHED
    assert sum(map(len, found.values())) == TEXT.count("\nNew `") + TEXT.count("\nIn `")


@pytest.mark.slow
def test_a_recipe_makes_no_more_out_of_date_than_it_must(followed):
    assert json.loads(followed.path("outdated.json").read_text()) == OUTDATED


@pytest.mark.slow
def test_the_tests_of_the_recipes_hold_and_so_do_those_of_documents_and_notebooks(followed):
    run(followed.root, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("features", "| `user_item_scroll_count_7d` | int32 |"),
        ("api", "| `GET /echo` | `predict` | Say it again. |"),
        ("ingest", "| `acme` | the click log of Acme"),
    ],
)
def test_what_was_added_is_in_the_documents(followed, page, line):
    assert line in followed.path(f"docs/{page}.md").read_text()


@pytest.mark.slow
def test_an_added_parameter_is_checked(followed):
    refused = followed.ploomber("status", "--env--importance_features", "0")
    assert "importance_features = 0; allowed: a whole number from 1 to 100" in refused.stdout


@pytest.mark.slow
def test_a_build_runs_what_was_added(followed):
    assert ran(followed.build(check=True)) == OUTDATED["Add a feature"]
    assert json.loads((followed.products / "audience.json").read_text())["users"] > 0
    assert "persistence" in (followed.products / "reports/train.html").read_text()
    cards = [card.read_text() for card in followed.products.glob("models/*/model.json")]
    assert any("user_item_scroll_count_7d" in card for card in cards)
