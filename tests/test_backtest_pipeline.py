"""The second pipeline, on what a build of the first one left."""

import json
import shutil

import pytest
from project import Project, ran

from willbuy.build.executor import locked

pytestmark = pytest.mark.slow


@pytest.fixture
def again(backtested, tmp_path):
    """A copy of the backtest, up to date, for a test to change."""
    shutil.copytree(backtested.root, tmp_path / "project")
    return Project(tmp_path / "project")


def test_it_leaves_its_tables_and_a_report_with_the_verdict(backtested):
    report = json.loads((backtested.products / "reports/backtest.ipynb").read_text())
    texts = [o["data"].get("text/markdown") for c in report["cells"] for o in c.get("outputs", []) if "data" in o]
    assert any("**Serve " in "".join(text) for text in texts if text)
    assert (backtested.products / "reports/backtest.html").stat().st_size > 0


def test_a_second_backtest_runs_nothing_and_a_new_log_runs_it(again):
    assert ran(again.backtest(check=True)) == []
    (again.products / "items.parquet").touch()
    assert again.outdated("pipeline.backtest.yaml", origins=2) == ["backtest"]
    assert again.outdated() == [], "the build itself does not depend on the backtest"


def test_without_a_build_it_says_what_to_do(sample, tmp_path):
    result = sample.backtest("--env--products", str(tmp_path / "none"))
    assert result.returncode == 1
    assert "events.parquet" in result.stdout
    assert "not found: run `ploomber build` with the same parameters first" in result.stdout
    assert "Traceback" not in result.stdout
    assert not (tmp_path / "none").exists()


def test_more_origins_than_fit_are_refused_in_a_sentence(again):
    result = again.backtest("--env--origins", "30")
    assert result.returncode == 1
    assert "origins = 30, allowed: at most 8" in result.stdout


def test_it_does_not_run_beside_a_build(again):
    with locked(again.products):
        result = again.backtest("--force")
    assert result.returncode == 1
    assert "another build (process " in result.stdout
