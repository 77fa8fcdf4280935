import re

import nbformat
from nbconvert import export
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from willbuy.build.reports import OfflineHTML

FETCHED = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//|from\s+["']https?:|import\s*\(?\s*["']https?:""")


def test_a_page_shows_its_cells_and_fetches_nothing():
    notebook = new_notebook(cells=[new_markdown_cell("# A title"), new_code_cell("1 + 1")])
    page, _ = export(OfflineHTML, notebook)
    assert "A title" in page
    assert not FETCHED.search(page)


def test_every_report_of_a_build_fetches_nothing(sample):
    reports = list((sample.products / "reports").glob("*.html"))
    assert len(reports) == 6
    for report in reports:
        assert not FETCHED.search(report.read_text(encoding="utf-8")), report.name
        assert nbformat.read(report.with_suffix(".ipynb"), nbformat.NO_CONVERT).cells
