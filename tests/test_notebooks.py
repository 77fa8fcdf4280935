"""The notebooks as sources: one shape, nothing injected, prose and code in balance."""

import ast
import statistics
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))
TASKS = [path for path in NOTEBOOKS if path.stem != "explore"]  # that one is to play with


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return jupytext.read(request.param).cells


@pytest.fixture(params=TASKS, ids=lambda path: path.stem)
def task(request):
    return jupytext.read(request.param).cells


def code(cells) -> list[str]:
    return [cell.source for cell in cells if cell.cell_type == "code"]


def test_it_opens_with_a_title_and_an_introduction(cells):
    first = cells[0]
    assert first.cell_type == "markdown" and first.source.startswith("# ")
    assert len(first.source.splitlines()) > 2


def test_it_has_exactly_one_cell_of_parameters_that_declares_upstream_product_and_code(task):
    tagged = [cell for cell in task if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    names: dict[str, object] = {}
    exec(tagged[0].source, names)
    assert names["upstream"] is names["product"] is names["code"] is None


def test_run_by_hand_it_writes_no_product(task):
    """`test_jupyterlab.py` runs one; here each one asks where its products go before it says where."""
    sources = "\n".join(code(task))
    assert "product = by_hand.redirect(product)" in sources
    assert "product[" not in sources.partition("by_hand.redirect(product)")[0]


def test_nothing_injected_was_saved(cells):
    assert not any("injected-parameters" in cell.metadata.get("tags", []) for cell in cells)
    assert not any("injected automatically" in cell.source for cell in cells)


def test_every_cell_compiles_without_magic(cells):
    for source in code(cells):
        compile(source, "cell", "exec")


def test_it_defines_nothing(cells):
    assert not any(line.startswith(("def ", "class ")) for source in code(cells) for line in source.splitlines())


def test_cells_are_short(cells):
    told = [cell.source for cell in cells if cell.cell_type == "code" and "tags" not in cell.metadata]
    lengths = [len(source.splitlines()) for source in told if not only_imports(source)]
    assert statistics.median(lengths) <= 5 and max(lengths) <= 12


def only_imports(source) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(source).body)


def test_a_cell_that_draws_shows_the_figure_alone(cells):
    """Otherwise the report prints what the last call returned: `<matplotlib.legend.Legend at 0x7f…>`."""
    drawing = [source for source in code(cells) if "plt.subplots" in source or ".plot." in source]
    assert [source for source in drawing if source.splitlines()[-1] != "plt.show()"] == []


def test_no_cell_holds_a_long_query(cells):
    """A query of more than three lines is a function of `willbuy.profile`, with a name and a test."""
    for source in code(cells):
        texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        for text in texts:
            assert not (isinstance(text, str) and "SELECT" in text and len(text.strip().splitlines()) > 3), text


def test_it_has_about_as_much_prose_as_code(cells):
    prose = sum(cell.cell_type == "markdown" for cell in cells)
    assert prose >= 0.3 * len(cells)


def test_it_ends_with_what_was_found_and_asserts_its_own_claims(task):
    headings = [cell.source.splitlines()[0] for cell in task if cell.source.startswith("## ")]
    assert headings and headings[-1] == "## What was found"
    assert "assert " in code(task)[-1]
