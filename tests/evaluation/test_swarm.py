import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from willbuy.evaluation import swarm
from willbuy.models.encoding import Encoding

ENCODING = Encoding(("rising", "falling", "bent", "kind", "idle"), {"kind": ("a", "b")})


@pytest.fixture(scope="module")
def made():
    """Values of five features, and contributions that follow them: up, down, both ways, by category, not at all."""
    rng = np.random.default_rng(3)
    values = rng.standard_normal((400, 5)).astype(np.float32)
    values[:, 3] = rng.integers(0, 2, 400)
    values[:50, 0] = np.nan
    known = np.nan_to_num(values)
    shares = np.column_stack([4 * known[:, 0], -3 * known[:, 1], 2 * known[:, 2] ** 2, known[:, 3], 0 * known[:, 4]])
    return shares, values


def test_the_strongest_come_first_with_their_directions(made):
    shares, values = made
    found = swarm.directions(shares, values, ENCODING, top=4)
    assert found.feature.tolist() == ["rising", "falling", "bent", "kind"]
    assert found.contribution.tolist() == pytest.approx(np.abs(shares).mean(axis=0)[:4])
    assert found.direction[:2].tolist() == [1, -1]
    assert found.direction[2] == pytest.approx(spearmanr(values[:, 2], shares[:, 2]).statistic, abs=1e-6)
    assert np.isnan(found.direction[3])


def test_a_feature_that_does_nothing_has_no_direction(made):
    found = swarm.directions(*made, ENCODING, top=5).set_index("feature")
    assert np.isnan(found.direction["idle"]) and found.contribution["idle"] == 0


def test_every_row_is_a_point_on_the_line_of_its_feature(made):
    shares, values = made
    axes = swarm.beeswarm(shares, values, ENCODING, top=4).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rising", "falling", "bent", "kind"]
    points = np.concatenate([np.asarray(dots.get_offsets()) for dots in axes.collections if len(dots.get_offsets())])
    assert len(points) == 4 * 400
    for line in range(4):
        here = points[np.round(points[:, 1]) == line]
        assert np.sort(here[:, 0]) == pytest.approx(np.sort(shares[:, line]))


def test_the_lowest_value_is_as_blue_as_can_be_however_often_it_occurs():
    values = np.array([[0], [0], [0], [1]], np.float32)
    axes = swarm.beeswarm(values.astype(float), values, Encoding(("x",), {}), top=1).axes[0]
    assert axes.collections[1].get_array().tolist() == [0, 0, 0, 1]


def test_the_legend_lies_outside_the_pane(made):
    figure = swarm.beeswarm(*made, ENCODING)
    figure.draw_without_rendering()
    assert not figure.legends[0].get_window_extent().overlaps(figure.axes[0].get_window_extent())


def test_the_verdict_sorts_features_by_their_way():
    found = pd.DataFrame({"feature": list("abc"), "direction": [0.9, -0.5, np.nan]})
    said = swarm.verdict(found)
    assert "rises with `a`." in said and "falls with `b`." in said and "both ways with `c`." in said
    assert "falls" not in swarm.verdict(found[:1])
