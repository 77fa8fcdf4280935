"""JupyterLab as a newcomer meets it: plain `jupyter lab`, a double click, run all."""

import json
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import CHROMIUM, DRIVER, browser
from project import Project

pytestmark = pytest.mark.slow

# What JupyterLab's own model says of the notebook in front: of each code cell its number and whether it failed.
CELLS = """
const cells = [...jupyterapp.shell.currentWidget.content.model.cells].filter(cell => cell.type === 'code')
return cells.map(cell => ({
    number: cell.executionCount, failed: cell.outputs.toJSON().some(output => output.output_type === 'error')
}))
"""
FINISHED = f"""
const cells = (() => {{ {CELLS} }})()
return cells.length > 3 && (cells.every(cell => cell.number) || cells.some(cell => cell.failed))
"""


@contextmanager
def jupyter_lab(project: Project, home: Path):
    """The address of a JupyterLab started in the project, without any setting from outside."""
    options = ["--no-browser", "--port=0", "--allow-root", "--IdentityProvider.token=", "--expose-app-in-browser"]
    lab = Project(project.root, {"HOME": str(home)}).start(
        "-m", "jupyterlab", *options, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        yield next(line.split()[-1] for line in lab.stderr if re.search(r" http://\S+/lab$", line.rstrip()))
    finally:
        lab.terminate()
        lab.stderr.read()
        lab.wait()


def cells(notebook: str) -> str:
    """The notebook without its header, where Jupytext leaves its version."""
    return notebook.partition("# %%")[2]


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and chromedriver")
def test_a_notebook_opens_by_double_click_with_this_builds_parameters_and_runs(project, tmp_path):
    project.path("env.yaml").write_text(project.path("env.yaml").read_text().replace("threads: 2", "threads: 3"))
    project.expects("split", threads=3)
    source = project.path("notebooks/split.py").read_text()
    home = tmp_path / "home"
    home.mkdir()
    with jupyter_lab(project, home) as address, browser(tmp_path / "profile") as page:
        page.open(address)
        page.double_click('.jp-DirListing-item[title^="Name: notebooks"]')
        page.double_click('.jp-DirListing-item[title^="Name: split.py"]')
        injected = "document.body.innerText.includes('injected automatically')"
        page.wait(f"return document.querySelector('.jp-Notebook') && {injected}")
        assert str(project.products / "examples/train.parquet") in page.text()
        page.wait("return jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
        page.run("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait(FINISHED, seconds=180)
        assert not any(cell["failed"] for cell in page.run(CELLS)), page.text()
        page.run("return jupyterapp.commands.execute('docmanager:save')")
        page.screenshot(tmp_path / "lab.png")
    assert cells(project.path("notebooks/split.py").read_text()) == cells(source), "the injected cell must not be saved"
    assert not (home / ".ploomber").exists()


def test_lab_is_configured_by_the_project_alone(project, tmp_path):
    shown = Project(project.root, {"HOME": str(tmp_path)}).run("-m", "jupyterlab", "--show-config-json", check=True)
    config = json.loads(shown.stdout[shown.stdout.index("{") :])
    assert config["ServerApp"]["jpserver_extensions"]["ploomber_extension"] is False
    assert config["LabApp"]["news_url"] is None
    assert config["LabApp"]["check_for_updates_class"] == "jupyterlab.NeverCheckForUpdate"
