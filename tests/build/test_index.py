import os
import shutil
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from willbuy.build import index, runs

ROOT = Path(__file__).parents[2]
RUN = {"date": "2024-01-02 10:00", "champion": "xgboost_1", "commit": "", "parameters": {"users": 2}, "figures": {}}


def report(products, name, found, seconds):
    """A report of a task, written that many seconds after 1970."""
    output = new_output("display_data", {"text/markdown": found})
    cells = [new_markdown_cell(f"# The {name} page"), new_markdown_cell("## What was found")]
    folder = products / "reports"
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[*cells, new_code_cell("x", outputs=[output])]), folder / f"{name}.ipynb")
    (folder / f"{name}.html").touch()
    for end in ("html", "ipynb"):
        os.utime(folder / f"{name}.{end}", (seconds, seconds))


def test_it_lists_each_report_in_order_with_what_it_found(tmp_path):
    report(tmp_path, "split", "Half are **purged**.", 1)
    report(tmp_path, "audience", "Nobody comes.", 2)
    page = index.write(tmp_path, RUN).read_text()
    places = [page.index(part) for part in ("The split page", "Half are", "The audience page", "Nobody comes")]
    assert places == sorted(places) and "built again" not in page and "train.html" not in page
    assert "xgboost_1" in page and "2024-01-02 10:00" in page


def test_a_rejected_candidate_is_told(tmp_path):
    report(tmp_path, "split", "New.", 5)
    page = index.write(tmp_path, RUN | {"rejected": "xgboost_2 was not promoted: it is <worse>"}).read_text()
    assert "does not serve. xgboost_2 was not promoted: it is &lt;worse&gt;" in page
    assert "does not serve" not in index.write(tmp_path, RUN | {"rejected": ""}).read_text()


def test_a_report_older_than_what_it_follows_says_so(tmp_path):
    report(tmp_path, "split", "New.", 5)
    report(tmp_path, "train", "Old.", 2)
    assert index.write(tmp_path, RUN).read_text().count("built again") == 1


def test_the_builds_of_before_stand_beside_this_one_the_last_first(tmp_path):
    report(tmp_path, "split", "New.", 5)
    runs.keep(tmp_path, RUN | {"date": "2024-01-01 09:00", "figures": {"PR-AUC": "0.375"}})
    runs.keep(tmp_path, RUN | {"parameters": {"users": 3}})
    page = index.write(tmp_path, RUN).read_text()
    rows = page.partition("The last builds")[2]
    assert rows.index("2024-01-02 10:00") < rows.index("2024-01-01 09:00")
    assert "users = 3" in rows and "0.375" in rows


def test_every_task_of_the_project_has_its_place():
    tasks = [task["name"] for task in yaml.safe_load((ROOT / "pipeline.yaml").read_text())["tasks"]]
    assert tasks == [name for name in index.ORDER if name in tasks]
    assert {path.stem for path in (ROOT / "notebooks").glob("*.py")} - {"explore"} == set(index.ORDER)


def test_without_a_report_there_is_no_index(tmp_path):
    assert index.write(tmp_path, RUN) is None
    report(tmp_path, "split", "New.", 5)
    shutil.rmtree(tmp_path / "reports")
    assert index.write(tmp_path, RUN) is None and not (tmp_path / "reports").exists()
