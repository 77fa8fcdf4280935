"""What an executed notebook tells: its title, what it found, and which of its cells are no part of the story."""

import ast
import re

from nbconvert.filters import markdown2html
from nbformat import NotebookNode

FOUND = "## What was found"
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
ASIDE = {"parameters", "injected-parameters"}


def title(notebook: NotebookNode) -> str:
    """The first heading; empty where there is none."""
    found = (TITLE.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((match[1].strip() for match in found if match), "")


def verdict(notebook: NotebookNode) -> str:
    """The first paragraph or list that the section "What was found" wrote, as HTML; empty where there is none."""
    after = False
    for cell in notebook.cells:
        after = after or cell.source.startswith(FOUND)
        for output in cell.get("outputs", ()) if after else ():
            if markdown := output.get("data", {}).get("text/markdown"):
                return str(markdown2html("".join(markdown)))
    return ""


def aside(cell: NotebookNode) -> bool:
    """True for parameters and for a cell of imports alone."""
    return bool(ASIDE & set(cell.metadata.get("tags", ()))) or (cell.cell_type == "code" and _only_imports(cell.source))


def defaults(cell: NotebookNode) -> bool:
    """True for the parameters as the source has them, where the build's own stand below."""
    return "parameters" in cell.metadata.get("tags", ())


def _only_imports(source: str) -> bool:
    body = ast.parse(source).body
    return bool(body) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)
