import matplotlib.pyplot as plt
import pandas as pd
from bs4 import BeautifulSoup
from IPython.core.interactiveshell import InteractiveShell

from willbuy import looks

TIMES = pd.to_datetime(["2024-01-01 10:20:30.123456", None], utc=True)


def cells(frame: pd.DataFrame) -> dict[str, list[str]]:
    rows = [
        [cell.text for cell in row.find_all("td")] for row in BeautifulSoup(looks.table(frame), "html.parser")("tr")
    ]
    return {name: [row[place] for row in rows if row] for place, name in enumerate(frame)}


def test_counts_have_separators_and_rates_three_digits():
    frame = pd.DataFrame({"rows": [1234567, 2], "rate": [0.0216789, 0.5], "many": [10720.66666, 3.14159]})
    assert cells(frame) == {"rows": ["1,234,567", "2"], "rate": ["0.0217", "0.5"], "many": ["10,721", "3.14"]}


def test_money_keeps_its_cents_and_what_was_rounded_its_digits():
    frame = pd.DataFrame({"price": [199.99, 5.0, None], "minutes": [1.5, 12.0, 3.0]})
    assert cells(frame) == {"price": ["199.99", "5.00", "–"], "minutes": ["1.5", "12.0", "3.0"]}


def test_times_are_whole_seconds_and_days_have_no_time():
    frame = pd.DataFrame({"at": TIMES, "day": pd.to_datetime(["2024-01-01", "2024-01-02"])})
    assert cells(frame) == {"at": ["2024-01-01 10:20:30", "–"], "day": ["2024-01-01", "2024-01-02"]}
    assert "2024-01-02</th>" in looks.table(frame.set_index("day"))


def test_text_truth_and_mixed_columns_stay():
    frame = pd.DataFrame({"text": ["a", "b"], "holds": [True, False], "mixed": [1234, "0.375 [0.361, 0.389]"]})
    assert cells(frame) == {"text": ["a", "b"], "holds": ["True", "False"], "mixed": ["1,234", "0.375 [0.361, 0.389]"]}


def test_a_table_without_rows_says_so():
    assert BeautifulSoup(looks.table(pd.DataFrame({"rows": []})), "html.parser").text == "None."


def test_a_legend_lies_below_its_figure_and_on_nothing():
    figure, axes = plt.subplots()
    axes.plot([0, 1], label="a line")
    axes.legend()
    looks.legend(axes)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert axes.get_legend() is None and [text.get_text() for text in legend.get_texts()] == ["a line"]
    assert legend.get_window_extent().y1 <= axes.get_tightbbox().y0
    plt.close(figure)


def test_a_notebook_shows_tables_and_figures_so():
    shell = InteractiveShell.instance()
    try:
        with plt.rc_context():
            looks.use()
            assert plt.rcParams["axes.spines.top"] is False
        formatted, _ = shell.display_formatter.format(pd.DataFrame({"n": [1234567]}))
        assert "1,234,567" in formatted["text/html"]
    finally:
        InteractiveShell.clear_instance()
