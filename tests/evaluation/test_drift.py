import numpy as np
import pandas as pd
import pytest

from willbuy.evaluation import drift
from willbuy.evaluation.intervals import Estimate
from willbuy.models.encoding import Encoding

ENCODING = Encoding(("same", "moved", "kind", "lost", "empty"), {"kind": ("a", "b")})


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(2)
    train, test = (rng.standard_normal((4000, 5)) for _ in range(2))
    test[:, 1] += 1
    train[:, 2], test[:, 2] = rng.random(4000) < 0.5, rng.random(4000) < 0.8
    test[:2000, 3] = np.nan
    train[:, 4] = np.nan
    return drift.measure(train.astype(np.float32), test.astype(np.float32), ENCODING).set_index("feature")


def test_what_changed_most_comes_first_and_what_did_not_stays_below_the_mark(found):
    assert found.index[0] == "empty" and found.index[-1] == "same"
    assert found.psi["same"] < drift.SOME / 5
    assert (found.psi[["moved", "kind", "lost"]] > drift.MUCH).all()


def test_the_index_of_a_category_is_that_of_its_shares(found):
    expected = (0.8 - 0.5) * np.log(0.8 / 0.5) + (0.2 - 0.5) * np.log(0.2 / 0.5)
    assert found.psi["kind"] == pytest.approx(expected, abs=0.05)


def test_means_are_of_known_values_and_shares_of_unknown_ones(found):
    assert found.mean_test["moved"] - found.mean_train["moved"] == pytest.approx(1, abs=0.1)
    assert found.unknown_train["lost"] == 0 and found.unknown_test["lost"] == pytest.approx(0.5)
    assert np.isnan(found.mean_train["kind"]) and np.isnan(found.mean_train["empty"])


def test_equal_rows_have_an_index_of_0():
    values = np.arange(100, dtype=np.float32)
    assert drift.stability(values, values) == 0


def test_the_table_has_the_weight_of_each_feature(found):
    importance = pd.DataFrame({"feature": list(ENCODING.names), "contribution": [1.0, 2.0, 3.0, 4.0, 5.0]})
    table = drift.changed(found.reset_index(), importance)
    assert table.contribution.to_dict() == dict(zip(ENCODING.names, [1, 2, 3, 4, 5], strict=True))


def test_the_verdict_counts_what_changed_and_judges_the_base_rate(found):
    said = drift.verdict(found.reset_index(), 0.02, Estimate(0.03, 0.025, 0.035))
    assert "Of 5 features **4** changed much, most of all `empty`" in said
    assert "2.00% in train and is **3.00% [2.50%,\N{NO-BREAK SPACE}3.50%]** in test, more than chance explains" in said
    assert "as chance may have it" in drift.verdict(found.reset_index(), 0.03, Estimate(0.03, 0.025, 0.035))
