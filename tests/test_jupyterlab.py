"""JupyterLab as a newcomer meets it: plain `jupyter lab`, a double click, run all."""

import hashlib
import json
import re
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import jupytext
import nbformat
import pytest
from browser import CHROMIUM, DRIVER, browser
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from project import Project
from server import wait_for

pytestmark = pytest.mark.slow

ADDRESS = re.compile(r" http://\S+/lab$")
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
def jupyter_lab(project: Project, home: Path, *options: str):
    """The address of a JupyterLab started in the project, without any setting from outside; `home` gets a `log`."""
    options = ["--no-browser", "--port=0", "--allow-root", "--IdentityProvider.token=", *options]
    lab = Project(project.root, {"HOME": str(home)}).start(
        "-m", "jupyterlab", *options, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = []
    try:
        address = next(line.split()[-1] for line in lab.stderr if said.append(line) or ADDRESS.search(line.rstrip()))
        wait_for(lambda: listens(address))  # it tells its address a little before
        yield address
    finally:
        lab.terminate()
        (home / "log").write_text("".join(said) + lab.stderr.read())
        lab.wait()


def listens(address: str) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", urlsplit(address).port)) == 0


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
    with jupyter_lab(project, home, "--expose-app-in-browser") as address, browser(tmp_path / "profile") as page:
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


def test_train_in_jupyterlab_changes_no_product_and_says_where_it_writes(project, tmp_path):
    """By the server's own interface: open, run in a kernel, save."""
    before, source = products(project), project.path("notebooks/train.py").read_text()
    with jupyter_lab(project, tmp_path, "--ServerApp.disable_check_xsrf=True") as address:
        file = address.replace("/lab", "/api/contents/notebooks/train.py")
        notebook = nbformat.from_dict(ask(file)["content"])
        run(project, notebook)
        ask(file, {"type": "notebook", "content": notebook})
    scratch = project.products / "scratch/train"
    assert f"it writes to {scratch}" in str(notebook)
    assert (scratch / "models/current.json").exists()
    assert products(project) == before and project.outdated() == []
    assert cells(project.path("notebooks/train.py").read_text()) == cells(source)
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log and "[E " not in log and "KeyboardInterrupt" not in log


def test_a_report_that_papermill_runs_again_changes_no_product(sample, project, tmp_path):
    report, executed = project.products / "reports/sessionize.ipynb", tmp_path / "executed.ipynb"
    report.write_text(report.read_text().replace(str(sample.root), str(project.root)))
    before = products(project)
    project.run("-m", "papermill", str(report), str(executed), check=True)
    scratch = project.products / "scratch/sessionize"
    assert f"it writes to {scratch}" in executed.read_text()
    assert (scratch / "sessions.parquet").exists() and products(project) == before


def test_a_notebook_that_forgot_to_ask_cannot_write_over_a_product(project):
    before = products(project)
    pointer = str(project.products / "models/current.json")
    write = f"from willbuy.files import write_text; write_text('mine', {pointer!r})"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(write)])
    with pytest.raises(CellExecutionError, match=r"NotInABuildError.*current\.json belongs to the builds of"):
        run(project, notebook)
    assert products(project) == before


def test_the_place_to_play_runs_and_writes_nothing(project):
    before = products(project)
    run(project, jupytext.read(project.path("notebooks/explore.py")))
    assert products(project) == before and not (project.products / "scratch").exists()


def test_a_kernel_that_is_interrupted_while_it_answers_reports_no_error(tmp_path):
    """As Papermill does at the end of each notebook."""
    with (tmp_path / "said").open("w") as said:
        manager, client = start_new_kernel(stdout=said, stderr=said)
    try:
        for _ in range(50):
            client.kernel_info()
            manager.interrupt_kernel()
            time.sleep(0.01)
        assert (tmp_path / "said").read_text() == ""
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def products(project: Project) -> dict[str, str]:
    """The digest of each file that the build left, Ploomber's notes included."""
    files = [path for path in project.products.rglob("*") if path.is_file()]
    own = [path for path in files if "scratch" not in path.relative_to(project.products).parts]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in own}


def ask(address: str, content: dict | None = None) -> dict:
    """GET `address`, or PUT `content` to it."""
    body, method = (None, "GET") if content is None else (json.dumps(content).encode(), "PUT")
    with urllib.request.urlopen(urllib.request.Request(address, body, method=method)) as answer:
        return json.load(answer)


def run(project: Project, notebook) -> None:
    """Execute it in place, in a kernel of its own that knows the project's modules."""
    client = NotebookClient(notebook, resources={"metadata": {"path": str(project.path("notebooks"))}})
    client.execute(env=project.variables())


def test_lab_is_configured_by_the_project_alone(project, tmp_path):
    shown = Project(project.root, {"HOME": str(tmp_path)}).run("-m", "jupyterlab", "--show-config-json", check=True)
    config = json.loads(shown.stdout[shown.stdout.index("{") :])
    assert config["ServerApp"]["jpserver_extensions"]["ploomber_extension"] is False
    assert config["LabApp"]["news_url"] is None
    assert config["LabApp"]["check_for_updates_class"] == "jupyterlab.NeverCheckForUpdate"
