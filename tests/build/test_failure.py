import html

import papermill
import ploomber_engine
import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook
from ploomber import DAG
from ploomber.exceptions import DAGBuildError, TaskBuildError
from ploomber.products import File
from ploomber.tasks import PythonCallable
from ploomber_core.exceptions import BaseException as PloomberError

from willbuy.build import failure
from willbuy.build.parameters import ParameterError
from willbuy.models.promotion import RejectedError


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def touched(product):
    """A task that Ploomber accepts."""


@pytest.fixture
def task(tmp_path):
    products = {"nb": File(tmp_path / "t.ipynb"), "html": File(tmp_path / "t.html")}
    dag = DAG()
    PythonCallable(touched, products, dag, name="split")
    return dag.render(show_progress=False)["split"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ParameterError("users = -3; allowed: more"), "Error: users = -3; allowed: more"),
        (RejectedError("The new model is not promoted"), "Error: The new model is not promoted"),
        (PloomberError("no such thing"), "Error: no such thing"),
        (KeyError("there is no task 'nope'"), "Error: there is no task 'nope'"),
        (KeyError("nope"), "Error: KeyError: nope"),
        (ZeroDivisionError("division by zero"), "Error: ZeroDivisionError: division by zero"),
        (DAGBuildError("it failed"), "Error: DAGBuildError: it failed"),
    ],
)
def test_a_command_ends_with_a_sentence_and_no_advertisement(error, said):
    assert failure.of_command(raised(error)) == said


def test_a_task_names_itself_and_what_lies_behind_ploombers_own_errors(task):
    error = raised(TaskBuildError("building"), raised(TaskBuildError("executing"), raised(ValueError("too small"))))
    assert failure.of_task(task, error) == "split stopped. too small"


def test_a_task_that_did_not_begin(task):
    skipped = TaskBuildError('Attempted to run task "split", whose status TaskStatus.Skipped. Render again')
    assert failure.of_task(task, raised(skipped)) == "split is up to date; --force runs it again"
    missing = TaskBuildError("Cannot build task 'split' because of this. Execute upstream tasks first. If upstream")
    assert failure.of_task(task, raised(missing)).endswith("Execute upstream tasks first")


@pytest.mark.parametrize("execute", [papermill.execute_notebook, ploomber_engine.execute_notebook])
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ValueError('the log is too short')", "split stopped. the log is too short"),
        ("assert 1 > 2, 'one is not two'", "split stopped. one is not two"),
        ("x = 1\nassert x > 2", "split stopped. AssertionError (at `assert x > 2`)"),
        ("x = []\nx[3]", "split stopped. IndexError: list index out of range (at `x[3]`)"),
    ],
)
def test_a_notebook_says_what_failed_and_where_its_trace_is(task, tmp_path, execute, source, said):
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    write(new_notebook(cells=[new_code_cell(source)], metadata=kernel), tmp_path / "in.ipynb")
    with pytest.raises(Exception) as caught:  # noqa: PT011  each executor raises its own
        execute(str(tmp_path / "in.ipynb"), str(tmp_path / "t.ipynb"), progress_bar=False)
    told = failure.of_task(task, raised(TaskBuildError("executing"), caught.value)).splitlines()
    page, trace = tmp_path / "t.html", tmp_path / "t.ipynb"
    assert told == [said, f"The page as far as it got: {page}; the whole trace: {trace}"]
    assert said.removeprefix("split stopped. ").partition(" (at")[0] in html.unescape(page.read_text())
    assert "Traceback (most" not in page.read_text()
