import pytest

from willbuy.build import fingerprint

SOURCES = {
    "src/willbuy/__init__.py": "",
    "src/willbuy/shared.py": "",
    "src/willbuy/alone.py": "",
    "src/willbuy/features/__init__.py": "from .kernel import run\n",
    "src/willbuy/features/kernel.py": "from .. import shared\n",
    "src/willbuy/features/unused.py": "",
    "src/willbuy/features/__pycache__/kernel.run.nbi": "",
    "src/willbuy/features/words.yaml": "a: 1\n",
    "src/willbuy/deep/er/module.py": "def f():\n    import willbuy.alone\n",
    "uses_features.py": "# %%\nimport numpy\nfrom willbuy.features import run\n",
    "uses_module.py": "import willbuy.deep.er.module as m\n",
    "uses_from_root.py": "from willbuy import shared, alone\n",
    "uses_nothing.py": "import os\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fingerprint, "PACKAGE", tmp_path / "src/willbuy")
    return tmp_path


@pytest.mark.parametrize(
    ("notebook", "reached"),
    [
        (
            "uses_features.py",
            {"__init__.py", "features/__init__.py", "features/kernel.py", "features/words.yaml", "shared.py"},
        ),
        ("uses_module.py", {"__init__.py", "deep/er/module.py", "alone.py"}),
        ("uses_from_root.py", {"__init__.py", "shared.py", "alone.py"}),
        ("uses_nothing.py", set()),
    ],
)
def test_a_notebook_reaches_the_modules_it_imports_and_those_that_they_import(project, notebook, reached):
    package = project / "src/willbuy"
    assert {p.relative_to(package).as_posix() for p in fingerprint.modules(project / notebook)} == reached


@pytest.mark.parametrize("notebook", [name for name in SOURCES if name.startswith("uses_")])
def test_the_fingerprint_changes_with_every_file_it_reaches_and_with_no_other(project, notebook):
    before = fingerprint.of_notebook(project / notebook)
    reached = fingerprint.modules(project / notebook)
    for path in sorted((project / "src").rglob("*.*")):
        text = path.read_text()
        path.write_text(text + "# changed\n")
        assert (fingerprint.of_notebook(project / notebook) != before) == (path in reached), path
        path.write_text(text)
    assert fingerprint.of_notebook(project / notebook) == before


def test_a_renamed_module_is_another_fingerprint(project):
    notebook = project / "uses_from_root.py"
    before = fingerprint.of_notebook(notebook)
    (project / "src/willbuy/alone.py").rename(project / "src/willbuy/beside.py")
    notebook.write_text("from willbuy import shared, beside\n")
    assert fingerprint.of_notebook(notebook) != before


def test_the_fingerprint_does_not_depend_on_where_the_project_lies(project, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    before = fingerprint.of_notebook(project / "uses_features.py")
    (project / "src").rename(elsewhere / "src")
    monkeypatch.setattr(fingerprint, "PACKAGE", elsewhere / "src/willbuy")
    assert fingerprint.of_notebook(project / "uses_features.py") == before


def test_the_fingerprint_of_a_module_changes_with_the_module_too(project):
    module = project / "src/willbuy/features/kernel.py"
    before = fingerprint.of_module(module)
    for name in ("features/kernel.py", "shared.py"):
        path = project / "src/willbuy" / name
        text = path.read_text()
        path.write_text(text + "# changed\n")
        assert fingerprint.of_module(module) != before
        path.write_text(text)
    assert fingerprint.of_module(module) == before


def test_files_that_another_pipeline_left_count_by_their_state(tmp_path):
    path = tmp_path / "events.parquet"
    path.write_text("a")
    before = fingerprint.of_files([path])
    assert fingerprint.of_files([str(path)]) == before
    path.write_text("ab")
    assert fingerprint.of_files([path]) != before
