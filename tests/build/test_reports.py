import re

import nbformat
import pytest
from browser import CHROMIUM, DRIVER, browser
from nbconvert import export
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from willbuy.build.reports import Report

FETCHED = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//|from\s+["']https?:|import\s*\(?\s*["']https?:""")

CUT_OFF = """
const tables = [...document.querySelectorAll('.output_html, .scroll')]
return tables.filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.innerText.slice(0, 80))
"""


def cell(source, *outputs, tag=None):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": [tag]} if tag else {})


def shown(**data):
    return new_output("execute_result", {f"text/{kind}": text for kind, text in data.items()})


NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell("# Who buys & why?\n\nA page about it."),
        cell("users = 600", tag="parameters"),
        cell("users = 601", tag="injected-parameters"),
        cell("import os\nfrom pathlib import Path"),
        new_markdown_cell("## The rows"),
        cell("rows", new_output("stream", name="stderr", text="100%|####| 9/9 it/s"), shown(plain="17 rows")),
        new_markdown_cell("## What was found"),
        cell("Markdown(text)", shown(markdown="Of **12** users one buys.", plain="<Markdown>")),
        cell("assert True", shown(markdown="Not this.", plain="")),
    ]
)


@pytest.fixture(scope="module")
def page():
    return export(Report, NOTEBOOK)[0]


def test_a_page_has_its_own_title_and_begins_with_what_was_found(page):
    assert "<title>Who buys & why?</title>" in page
    verdict = page.index("Of <strong>12</strong> users one buys.")
    assert page.index("<h1>Who buys & why?</h1>") < verdict < page.index("A page about it.")
    assert page.count("</h1>") == 1


def test_the_contents_lead_to_each_section(page):
    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', page)
    assert [heading for _, heading in links] == ["The rows", "What was found"]
    assert all(f'id="{anchor}"' in page for anchor, _ in links)


def test_parameters_and_imports_come_last_and_bars_of_progress_not_at_all(page):
    story, _, aside = page.partition("<details>")
    assert "17 rows" in story and "Path" not in story and "601" not in story
    assert "Path" in aside and "601" in aside and "600" not in page
    assert "it/s" not in page


def test_a_page_fetches_nothing(page):
    assert not FETCHED.search(page)


@pytest.mark.slow
def test_every_report_of_a_build_fetches_nothing(sample):
    reports = list((sample.products / "reports").glob("[a-z]*.html"))
    assert len(reports) == 7
    for report in reports:
        assert not FETCHED.search(report.read_text(encoding="utf-8")), report.name
        assert report.stem == "index" or nbformat.read(report.with_suffix(".ipynb"), nbformat.NO_CONVERT).cells


@pytest.mark.slow
@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and chromedriver")
def test_every_report_fits_a_wide_and_a_narrow_window_and_folds_its_code(sample, tmp_path):
    titles = set()
    reports = list((sample.products / "reports").glob("[a-z]*.html"))
    with browser(tmp_path) as window:
        for width in (1100, 400):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            window.devtools("Emulation.setDeviceMetricsOverride", **size)
            for report in reports:
                window.open(report.as_uri())
                inside = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
                assert window.run(f"return {inside}"), (report.name, width)
                assert window.run(CUT_OFF) == [], (report.name, width)
                titles.add(window.run("return document.title"))
                if report.stem != "index":
                    hidden = "return document.querySelector('main .input').offsetHeight === 0"
                    assert window.run(hidden)
                    window.run("document.querySelector('.switch').click()")
                    assert not window.run(hidden)
    assert len(titles) == len(reports)


def test_a_page_that_stopped_says_why_first_and_ends_there():
    error = new_output("error", ename="IngestError", evalue="log.csv: <no> rows", traceback=["Traceback (most recent)"])
    banner = new_markdown_cell("## An Exception", metadata={"tags": ["papermill-error-cell-tag"]})
    cells = [banner, *NOTEBOOK.cells[:5], cell("ingest()", shown(plain="so far"), error), *NOTEBOOK.cells[6:]]
    stopped = export(Report, new_notebook(cells=cells))[0]
    assert "<p><strong>It stopped:</strong> log.csv: &lt;no&gt; rows</p>" in stopped
    assert "so far" in stopped and "What was found</h2>" not in stopped and "An Exception" not in stopped
    assert "Traceback (most" not in stopped
