"""What an executed notebook tells: its title, what it found, and which of its cells are no part of the story."""

import ast
import html
import re

from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from willbuy.build.sentences import sentence

FOUND = "## What was found"
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
BANNERS = {"papermill-error-cell-tag", "ploomber-engine-error-cell"}  # of the executors, around a cell that failed
ASIDE = {"parameters", "injected-parameters"}


def title(notebook: NotebookNode) -> str:
    """The first heading; empty where there is none."""
    found = (TITLE.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((match[1].strip() for match in found if match), "")


def verdict(notebook: NotebookNode) -> str:
    """The first paragraph or list that the section "What was found" wrote, as HTML; empty where there is none.

    Of a notebook that stopped, what stopped it.
    """
    if error := _error(notebook):
        return f"<p><strong>It stopped:</strong> {html.escape(sentence(error.ename, error.evalue))}</p>"
    after = False
    for cell in notebook.cells:
        after = after or cell.source.startswith(FOUND)
        for output in cell.get("outputs", ()) if after else ():
            if markdown := output.get("data", {}).get("text/markdown"):
                return str(markdown2html("".join(markdown)))
    return ""


def reached(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that were executed: of a notebook that stopped, those up to the one that stopped it."""
    cells = [cell for cell in notebook.cells if not BANNERS & set(cell.metadata.get("tags", ()))]
    stopped = [place for place, cell in enumerate(cells) if _errors(cell)]
    return cells[: stopped[0] + 1] if stopped else cells


def _error(notebook: NotebookNode) -> NotebookNode | None:
    return next((error for cell in notebook.cells for error in _errors(cell)), None)


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.get("outputs", ()) if output.output_type == "error"]


def aside(cell: NotebookNode) -> bool:
    """True for parameters and for a cell of imports alone."""
    return bool(ASIDE & set(cell.metadata.get("tags", ()))) or (cell.cell_type == "code" and _only_imports(cell.source))


def defaults(cell: NotebookNode) -> bool:
    """True for the parameters as the source has them, where the build's own stand below."""
    return "parameters" in cell.metadata.get("tags", ())


def _only_imports(source: str) -> bool:
    body = ast.parse(source).body
    return bool(body) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)
