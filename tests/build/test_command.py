"""What a newcomer does wrong, on the command line as it is: one message, no stack of traces, nothing begun."""

import shutil
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from project import Project

from willbuy.build import command

ROOT = Path(__file__).parents[2]
INGEST = ("--env--source", "ingest", "--env--log")

WRONG = {
    ("build", "--env--users", "-3"): "users = -3; allowed: a whole number from 1",
    ("status", "--env--users", "many"): "users = 'many'; allowed: a whole number from 1",
    ("task", "split", "--env--train_share", "0,7"): "train_share = (0, 7); allowed: a number above 0 and below 1",
    ("build", "--env--colour", "red"): "colour: there is no such parameter; allowed: products",
    ("status", "--env--user", "3"): "user: there is no such parameter; did you mean 'users'?",
    ("build", "--env--users"): "argument --env--users: expected one argument",
    ("build", "--froce"): "unrecognized arguments: --froce; `ploomber build --help` says",
    ("build", "split"): "does not take positional arguments; `ploomber build --help` says",
    ("build", "--partially", "nope"): "DAG does not have a task with name 'nope'",
    ("build", "--entry-point", "nowhere.yaml"): "The file does not exist",
    ("build", "--env--products", "{{nope}}"): "Undeclared value for placeholder 'nope'",
    ("build", "--env--products", "env.yaml"): "cannot be written",
    ("task", "nope"): "DAG does not have a task with name 'nope'",
    ("task", "split"): "Cannot build task 'split' because the following upstream dependencies are missing: ['sess",
    ("build", *INGEST, "nowhere.csv", "--env--log_format", "rees46"): "nowhere.csv: no such file",
    ("status", *INGEST, "env.yaml", "--env--log_format", "nope"): "log_format 'nope' is neither a file nor one of",
    ("task", "ingest", "--env--source", "ingest"): "log = ''; allowed with source = 'ingest': the path of a log",
    ("nb", "--nope"): "unrecognized arguments: --nope",
}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Project:
    """The project before its first build."""
    root = tmp_path_factory.mktemp("fresh")
    for name in ("pipeline.yaml", "env.yaml", "env.sample.yaml"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "src").symlink_to(ROOT / "src")
    return Project(root)


def only_message(result) -> str:
    """The output of a command that failed, without Ploomber's greeting and its bars."""
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stdout and "ploomber.io" not in result.stdout
    said = result.stdout.replace("Loading pipeline...", "").strip()
    lines = [line for line in said.splitlines() if line and "it/s]" not in line]
    assert lines and lines[0].startswith("Error: ") and len(lines) <= 3, result.stdout
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_wrong_argument(fresh, arguments):
    assert WRONG[arguments] in only_message(fresh.ploomber(*arguments))
    assert not (fresh.root / "products").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (["build"], "", "env.yaml is empty"),
        (["status"], "users: [", "this is no YAML"),
        (["task", "split"], "users: 3\n", "seed is missing; allowed: a whole number"),
    ],
)
def test_a_broken_file_of_parameters(fresh, arguments, content, said):
    env, sample = fresh.path("env.yaml"), fresh.path("env.yaml").read_text()
    env.write_text(content)
    try:
        result = fresh.ploomber(*arguments)
        assert result.returncode == 1 and "Traceback" not in result.stdout and said in result.stdout
    finally:
        env.write_text(sample)


@pytest.mark.slow
def test_a_folder_without_a_pipeline(tmp_path):
    (tmp_path / "src").symlink_to(ROOT / "src")
    assert "there is no pipeline.yaml here" in only_message(Project(tmp_path).ploomber("build"))


@pytest.mark.slow
def test_a_shop_too_small(fresh, tmp_path):
    result = fresh.build("--env--users", "1", "--env--items", "1", "--env--products", str(tmp_path / "small"))
    assert result.returncode == 1 and "Traceback" not in result.stdout and "ploomber.io" not in result.stdout
    assert "Error: split stopped. a split has one label only" in result.stdout


def test_the_project_brings_the_command():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert EntryPoint("ploomber", scripts["ploomber"], "console_scripts").load() is command.main
