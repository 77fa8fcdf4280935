"""A notebook run by hand: what it may write, and where it is led. Whole notebooks do it in test_jupyterlab.py."""

import sys
from types import SimpleNamespace

import pytest

from willbuy import by_hand
from willbuy.files import write_text


@pytest.fixture
def products(tmp_path):
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / by_hand.LOCK).touch()
    return tmp_path / "products"


@pytest.fixture
def notebook(monkeypatch):
    """This process runs a notebook."""
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: "a shell"))


def test_a_notebook_that_no_build_runs_may_write_scratch_and_elsewhere_but_no_product(notebook, products):
    write_text("mine", products / "scratch/train/models/current.json")
    write_text("mine", products.parent / "elsewhere/current.json")
    with pytest.raises(by_hand.NotInABuildError, match=r"current\.json belongs to the builds of .*ploomber build"):
        write_text("mine", products / "models/current.json")
    assert not (products / "models").exists()


def test_a_build_may_write_a_product(notebook, products):
    with by_hand.building():
        write_text("the build's", products / "models/current.json")
    with pytest.raises(by_hand.NotInABuildError):
        write_text("mine", products / "models/current.json")


def test_what_is_no_notebook_may_write_a_product(products):
    """The server promotes the version that /load-model names."""
    write_text("the server's", products / "models/current.json")


PRODUCT = {"train": "/p/examples/train.parquet", "html": "/p/reports/split.html"}


def test_each_product_of_a_task_has_its_place_in_scratch(capsys):
    redirected = by_hand.redirect(PRODUCT)
    assert redirected == {
        "train": "/p/scratch/split/examples/train.parquet",
        "html": "/p/scratch/split/reports/split.html",
    }
    assert "it writes to /p/scratch/split, which nothing else reads" in capsys.readouterr().out
    assert by_hand.redirect(redirected) == redirected, "a cell may run twice"


def test_a_build_keeps_its_places(capsys):
    with by_hand.building():
        assert by_hand.redirect(PRODUCT) == PRODUCT
    assert capsys.readouterr().out == ""
