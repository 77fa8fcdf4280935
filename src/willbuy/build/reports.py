"""The report of an executed notebook: what it found first, its code folded, a page that opens without a network."""

import re
from copy import deepcopy

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import Bool, Unicode

from willbuy.build import tables, told
from willbuy.build.pages import page

HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', re.DOTALL)
FIRST_HEADING = re.compile(r"<h1 [^>]*>.*?</h1>", re.DOTALL)


class Report(HTMLExporter):
    """nbconvert's cells in our own page. `pipeline.yaml` names it; opening a report contacts no server."""

    template_name = Unicode("basic")
    exclude_input_prompt = Bool(True)
    exclude_output_prompt = Bool(True)

    def from_notebook_node(self, nb, resources=None, **kw):  # nbconvert's names
        """The page of an executed notebook, and nbconvert's resources."""
        story, aside = deepcopy(nb), deepcopy(nb)
        story.cells = aside.cells = told.reached(story)
        story.cells = [_quiet(cell) for cell in story.cells if not told.aside(cell)]
        aside.cells = [cell for cell in aside.cells if told.aside(cell) and not told.defaults(cell)]
        body, resources = super().from_notebook_node(story, resources, **kw)
        rest, _ = super().from_notebook_node(aside, None, **kw)
        title, verdict = told.title(nb), told.verdict(nb)
        body = FIRST_HEADING.sub("", body, count=1)
        contents = HEADING.findall(body)
        shown = {"contents": contents, "body": tables.fitting(body), "aside": tables.fitting(rest)}
        return page("report", title=title, verdict=verdict, **shown), resources


def _quiet(cell: NotebookNode) -> NotebookNode:
    """Without what a cell wrote to stderr, bars of progress, and without the trace of an error that the page tells."""
    if cell.cell_type == "code":
        kept = (output for output in cell.outputs if output.output_type != "error")
        cell.outputs = [output for output in kept if output.get("name") != "stderr"]
    return cell
