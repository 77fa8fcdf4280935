"""What the terminal says of an error: sentences, no stack of traces and no advertisement."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import nbformat
from papermill.exceptions import PapermillExecutionError, strip_color
from ploomber.exceptions import TaskBuildError
from ploomber.tasks import Task
from ploomber_core.exceptions import BaseException as PloomberError

from willbuy.build.reports import Report
from willbuy.build.sentences import is_sentence, sentence
from willbuy.files import write_text

ADVERTISEMENT = re.compile(r"\s*(Need help\?|If you need help)[^\n]*ploomber\.io/community\S*")
UP_TO_DATE = "TaskStatus.Skipped"
FAILED_LINE = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)


def of_command(error: BaseException) -> str:
    """What went wrong with a command."""
    message = error.get_message() if isinstance(error, PloomberError) else f"Error: {_said(error)}"
    return ADVERTISEMENT.sub("", message)


def of_task(task: Task, error: BaseException) -> str:
    """What went wrong in a task, and where the whole trace is: in its notebook as far as it ran."""
    while isinstance(error, TaskBuildError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, TaskBuildError):  # it did not even begin
        refused = _said(error).partition(". If ")[0]
        return f"{task.name} is up to date; --force runs it again" if UP_TO_DATE in refused else refused
    return f"{task.name} stopped. {_said(error)}{_trace(task)}"


def _trace(task: Task) -> str:
    products = task.product.to_json_serializable()
    notebook = Path(products["nb"]) if isinstance(products, dict) and "nb" in products else None
    if notebook is None or not notebook.is_file():
        return ""
    page = _page(notebook, Path(products["html"])) if "html" in products else None
    return f"\nThe page as far as it got: {page}; the whole trace: {notebook}" if page else ""


def _page(notebook: Path, page: Path) -> Path:
    """Write the report of a task that stopped, as far as it got."""
    body, _ = Report().from_notebook_node(nbformat.read(notebook, nbformat.NO_CONVERT))
    write_text(body, page)
    return page


def _said(error: BaseException) -> str:
    if isinstance(error, PapermillExecutionError):
        name, message = error.ename, error.evalue
    else:
        name, message = type(error).__name__, str(error.args[0] if isinstance(error, KeyError) else error)
    return sentence(name, message) + ("" if is_sentence(name, message) else _line(error))


def _line(error: BaseException) -> str:
    """The line of the notebook that raised `error`, if it was one."""
    if isinstance(error, PapermillExecutionError):
        found = FAILED_LINE.search(strip_color("\n".join(error.traceback)))
        return f" (at `{found[1].strip()}`)" if found else ""
    cells = [frame for frame in traceback.extract_tb(error.__traceback__) if "ipython" in frame.filename.lower()]
    return f" (at `{cells[-1].line}`)" if cells and cells[-1].line else ""
