"""The DAG on the sample shop: what it leaves, what a change runs again, what a killed build leaves."""

import signal
import time
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
import yaml
from project import ran
from server import wait_for

from willbuy import schema
from willbuy.build.executor import locked

pytestmark = pytest.mark.slow

TASKS = ["generate", "sessionize", "split", "featurize", "train", "evaluate"]
CONTRACTS = {
    "events.parquet": schema.EVENTS,
    "items.parquet": schema.ITEMS,
    "users.parquet": schema.USERS,
    "truth.parquet": schema.TRUTH,
    "sessions.parquet": schema.SESSIONS,
    "examples/train.parquet": schema.DECISIONS,
    "examples/validation.parquet": schema.DECISIONS,
    "examples/test.parquet": schema.DECISIONS,
    "predictions.parquet": schema.PREDICTIONS,
}


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_table_keeps_its_contract(sample, name):
    assert schema.check(sample.products / name, CONTRACTS[name]) > 0


def test_every_task_leaves_its_products_and_its_report(sample):
    dag = sample.dag()
    assert list(dag) == TASKS
    for name, task in dag.items():
        paths = [Path(path) for path in task.product.to_json_serializable().values()]
        assert all(path.is_file() and path.stat().st_size > 0 for path in paths), name
        assert {sample.products / f"reports/{name}.html", sample.products / f"reports/{name}.ipynb"} <= set(paths)


def test_upstream_is_written_out_and_reads_from_top_to_bottom(sample):
    spec = yaml.safe_load(sample.path("pipeline.yaml").read_text())
    above = ["{{source}}"]
    for task in spec["tasks"]:
        assert task["upstream"] and set(task["upstream"]) <= set(above)
        above.append(task["name"])


def test_both_sources_feed_the_same_tables_to_the_same_tasks(sample):
    log = {"source": "ingest", "log": str(sample.path("env.yaml")), "log_format": "rees46"}
    simulated, real = sample.dag(), sample.dag(**log)
    assert list(real) == ["ingest", *TASKS[1:]]
    shared = {"events", "items", "users", "nb", "html"}
    assert set(simulated["generate"].product.to_json_serializable()) - shared == {"truth"}
    assert set(real["ingest"].product.to_json_serializable()) - shared == {"quarantine"}


def test_a_second_build_runs_nothing(project):
    assert ran(project.build(check=True)) == []


@pytest.mark.parametrize(
    ("parameter", "value", "runs"),
    [
        ("users", 601, TASKS),
        ("session_gap_minutes", 45, TASKS[1:]),
        ("train_share", 0.6, TASKS[2:]),
        ("learning_rate", 0.04, TASKS[4:]),
        ("action_cost", 0.7, TASKS[4:]),
    ],
)
def test_a_changed_parameter_runs_what_depends_on_it(sample, parameter, value, runs):
    assert sample.outdated(**{parameter: value}) == runs


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("threads", 1), ("memory_limit", "3GB"), ("bucket_events", 5000), ("notebook_executor", "papermill")],
)
def test_what_the_machine_gives_is_no_part_of_a_task(sample, parameter, value):
    assert sample.outdated(**{parameter: value}) == []


@pytest.mark.parametrize("task", TASKS)
def test_a_changed_notebook_runs_its_task_and_what_follows(project, task):
    notebook = project.path(f"notebooks/{task}.py")
    notebook.write_text(notebook.read_text() + "\n# %%\n1 + 1\n")
    assert project.outdated() == TASKS[TASKS.index(task) :]


@pytest.mark.parametrize(
    ("folder", "untouched"), [("features", TASKS[:3]), ("models", TASKS[:4]), ("evaluation", TASKS[:4]), ("shop", [])]
)
def test_a_changed_module_does_not_run_the_tasks_before_it(project, folder, untouched):
    for module in project.path(f"src/willbuy/{folder}").glob("*.py"):
        module.write_text(module.read_text() + "\n# changed\n")
    outdated = project.outdated()
    assert outdated and not set(outdated) & set(untouched)


def test_a_changed_feature_runs_features_model_and_evaluation_and_nothing_else(project):
    module = project.path("src/willbuy/features/definitions.py")
    module.write_text(module.read_text() + "\n# changed\n")
    assert project.outdated() == ["featurize", "train", "evaluate"]


def test_a_module_that_no_task_uses_runs_nothing(project):
    project.path("src/willbuy/unused.py").write_text("x = 1\n")
    assert project.outdated() == []


def test_a_lost_product_is_made_again(project):
    (project.products / "truth.parquet").unlink()
    assert project.outdated()[0] == "generate"


def test_partially_stops_at_the_task(project):
    assert ran(project.build("--partially", "sessionize", "--force", check=True)) == ["generate", "sessionize"]


def test_task_runs_one_task(project):
    project.expects("sessionize", threads=3)
    before = (project.products / "sessions.parquet").stat().st_mtime_ns
    task = project.ploomber("task", "sessionize", "--force", "--env--threads", "3", check=True)
    assert "executed successfully" in task.stdout
    assert (project.products / "sessions.parquet").stat().st_mtime_ns > before


def test_plot_works(project):
    project.ploomber("plot", "--backend", "d3", check=True)
    assert project.path("pipeline.html").stat().st_size > 0


def test_to_look_changes_nothing(project):
    """Only a build makes folders, takes the lock and removes leftovers."""
    leftover = project.products / "events.parquet.17.tmp"
    leftover.touch()
    with locked(project.products):
        before = _everything(project.root)
        shown = project.ploomber("status", check=True).stdout
        assert all(task in shown for task in TASKS)
        project.ploomber("status", "--env--products", "products/elsewhere", check=True)
        assert _everything(project.root) == before
    assert leftover.exists()


def _everything(root: Path) -> dict[Path, int]:
    found = (path for path in root.rglob("*") if "__pycache__" not in path.parts)
    return {path: path.stat().st_mtime_ns for path in found}


def test_half_a_note_of_ploomber_makes_its_task_out_of_date(project):
    note = project.products / ".sessions.parquet.metadata"
    note.write_text(note.read_text()[:20])
    assert project.outdated() == TASKS[1:]
    assert note.exists()


def test_nonsense_parameters_stop_every_command_before_the_first_task(sample):
    for command in (["build"], ["status"], ["task", "split"]):
        result = sample.ploomber(*command, "--env--users", "-3", "--env--source", "warehouse")
        assert result.returncode == 1
        assert "users = -3; allowed: a whole number from 1 to" in result.stdout
        assert "source = 'warehouse'; allowed: generate or ingest" in result.stdout
        assert "Traceback" not in result.stdout


def test_an_unknown_parameter_is_refused_in_the_file_and_on_the_command_line(project):
    assert "colour: there is no such parameter" in project.build("--env--colour", "red").stdout
    env = project.path("env.sample.yaml")
    env.write_text(env.read_text() + "horizn_days: 3\n")
    result = project.build()
    assert result.returncode == 1
    assert "horizn_days = 3: there is no such parameter; did you mean 'horizon_days'?" in result.stdout


def test_a_failed_task_leaves_no_table_and_the_next_build_carries_on(project):
    notebook = project.path("notebooks/split.py")
    source = notebook.read_text()
    notebook.write_text(source + '\n# %%\nraise ValueError("on purpose")\n')
    failed = project.build()
    assert failed.returncode == 1 and "on purpose" in failed.stdout
    notebook.write_text(source)
    assert project.outdated() == TASKS[2:], "the change is taken back, but what it left must not count"
    assert ran(project.build("--partially", "split", check=True)) == ["split"]


def test_a_build_killed_at_any_moment_leaves_whole_tables_and_the_next_one_carries_on(project, sample):
    """Each build carries on where the one before was killed."""
    random, options = Random(1), ["--force"]
    for task in sorted(random.sample(TASKS, 3), key=TASKS.index):
        _kill(project, task, random.uniform(0, 2), *options)
        options = []
        for name in CONTRACTS.keys() & project.tables().keys():
            schema.check(project.products / name, CONTRACTS[name])
    project.build(check=True)
    assert project.outdated() == []
    assert not [*project.products.rglob("*.tmp"), *project.products.rglob(".duckdb-*")]
    for name, path in sample.tables().items():
        assert pq.read_table(path).equals(pq.read_table(project.products / name)), name


def _kill(project, task: str, seconds: float, *options: str) -> None:
    """Kill a build some `seconds` after it has begun with `task`."""
    build = project.fork("ploomber", "build", *options)
    wait_for(lambda: f"'{task}'" in build.output(), build.output)
    time.sleep(seconds)
    build.kill()
    assert build.wait().returncode == -signal.SIGKILL
