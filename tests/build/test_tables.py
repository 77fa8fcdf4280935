import pandas as pd
import pytest
from bs4 import BeautifulSoup

from willbuy import looks
from willbuy.build import tables

WIDE = pd.DataFrame(
    {f"some_long_name_{n}": [f"{n}.375 [0.361,\N{NO-BREAK SPACE}0.389]", "<b> & c"] for n in range(5)},
    index=pd.Index(["pr_auc", "roc_auc"], name="metric"),
)
SMALL = pd.DataFrame({"rows": [1, 2], "share": [0.5, 0.25]})


def parsed(frame: pd.DataFrame, style: bool = False) -> BeautifulSoup:
    return BeautifulSoup(
        tables.fitting(f"<p>a_b</p>{(frame.style.to_html() if style else looks.table(frame))}"), "html.parser"
    )


@pytest.mark.parametrize("style", [False, True], ids=["table", "style"])
def test_the_cells_of_a_wide_table_name_their_column(style):
    page = parsed(WIDE.iloc[:1], style)
    cells = page.select("div.wide tbody td")
    assert [cell["data-label"] for cell in cells] == list(WIDE)
    assert [cell.text for cell in cells] == WIDE.iloc[0].tolist()


def test_a_table_without_an_index_names_all_its_cells():
    table = WIDE.reset_index().style.hide().to_html()
    row = BeautifulSoup(tables.fitting(table), "html.parser").select("div.wide tbody tr")[0]
    assert [cell["data-label"] for cell in row.select("td")] == ["metric", *WIDE]


def test_a_small_table_stays_a_table():
    page = parsed(SMALL)
    assert not page.select("div.wide") and not page.select("[data-label]")


def test_names_may_break_after_each_underscore_and_nothing_else_changes():
    page = parsed(WIDE)
    assert str(page.p) == "<p>a_b</p>"
    assert page.select("thead th")[1].decode_contents() == "some_<wbr/>long_<wbr/>name_<wbr/>0"
    assert page.select("tbody th")[0].decode_contents() == "pr_auc"
    assert [cell.text for cell in page.select("td")] == WIDE.to_numpy().ravel().tolist()


def test_dates_stay_whole():
    cell = BeautifulSoup(tables.fitting("<table><td>2024-01-31 10:20:30</td></table>"), "html.parser").td
    assert cell.span["class"] == ["whole"] and cell.span.text == "2024-01-31" and cell.text == "2024-01-31 10:20:30"


def test_cells_of_several_columns_or_rows_are_left_as_they_are():
    frame = pd.concat({"left": WIDE, "right": WIDE}, axis=1)
    assert not parsed(frame).select("div.wide")
    assert not parsed(pd.concat({"above": WIDE, "below": WIDE})).select("div.wide")


def test_the_width_is_that_of_the_longest_piece_of_each_column():
    table = "<tr><th>the_long_index</th><td>12 345</td></tr><tr><th>x</th><td>a&amp;b\N{NO-BREAK SPACE}c</td></tr>"
    assert tables.width(table) == pytest.approx((5 + 5) * tables.CHARACTER + 2 * tables.AROUND)
