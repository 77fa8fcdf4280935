"""What the last build left; `notebooks/explore.py` asks it of a whole one in test_jupyterlab.py."""

import pytest

from willbuy.build import left


@pytest.fixture
def project(tmp_path):
    for name in ("pipeline.yaml", "notebooks/explore.py", "mine/metrics.json", "mine/small/metrics.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "env.yaml").write_text("products: mine\n")
    return tmp_path


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_products_are_found_from_any_folder_of_the_project(project, monkeypatch, folder):
    monkeypatch.chdir(project / folder)
    assert left.products() == project / "mine"


def test_it_says_what_to_do_where_no_build_came_to_its_end(project, monkeypatch):
    (project / "mine/metrics.json").unlink()
    monkeypatch.chdir(project)
    with pytest.raises(FileNotFoundError, match=r"mine holds nothing .*run `ploomber build` first"):
        left.products()


def test_elsewhere_there_is_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="lies in no project"):
        left.products()


def test_tables_are_this_builds_own(project):
    own = ("events", "features/test")
    for name in (*own, "scratch/split/examples/train", "small/events"):
        (project / f"mine/{name}.parquet").parent.mkdir(parents=True, exist_ok=True)
        (project / f"mine/{name}.parquet").touch()
    assert left.tables(project / "mine") == {name: project / f"mine/{name}.parquet" for name in own}
