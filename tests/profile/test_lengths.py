import pandas as pd
import pytest

from willbuy.profile import lengths

EVERY = pd.DataFrame(
    {
        "events": [1, 2, 4, 4, 70],
        "minutes": [0.0, 0.99, 1.0, 9.99, 500.0],
        "carted": [False, False, True, False, True],
        "bought": [False, False, False, True, True],
    }
)


def test_sessions_are_counted_from_each_edge_on():
    minutes = lengths.lengths(EVERY, "minutes", lengths.MINUTES)
    assert minutes["neither"].to_dict() == {label: float(label == "0–1") for label in minutes.index}
    assert minutes["put into the cart, not bought"]["1–2"] == 1
    assert minutes["something bought"][["5–10", "120+"]].tolist() == [0.5, 0.5]


def test_counts_are_labelled_by_what_they_hold():
    events = lengths.lengths(EVERY, "events", lengths.EVENTS)
    assert events.index.tolist() == ["1", "2", "3–4", "5–8", "9–16", "17–32", "33–64", "65+"]
    assert events["neither"].tolist()[:2] == [0.5, 0.5]


def test_an_outcome_without_sessions_has_no_line():
    assert lengths.lengths(EVERY[:2], "events", lengths.EVENTS).columns.tolist() == ["neither"]
    assert len(lengths.figure(EVERY[:2]).axes[0].lines) == 1


def test_the_figure_draws_both_with_a_line_an_outcome():
    minutes, events = lengths.figure(EVERY).axes
    assert len(minutes.lines) == len(events.lines) == 3
    assert events.lines[0].get_ydata() == pytest.approx(
        lengths.lengths(EVERY, "events", lengths.EVENTS)["something bought"]
    )
