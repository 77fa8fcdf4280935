import numpy as np
import pandas as pd
import pytest

from willbuy.models.baseline import Dummy, Rule, has_carted

FEATURES = pd.DataFrame({"is_cart": [1, 0, 0, 0], "user_item_cart_count_30d": [0, 2, 0, None]})
LABELS = np.array([1, 0, 0, 0])


def test_the_dummy_knows_the_base_rate_and_nothing_else():
    assert Dummy.fit(LABELS).predict(FEATURES).tolist() == [0.25] * 4


def test_a_cart_now_or_before_counts_and_an_unknown_one_does_not():
    assert has_carted(FEATURES).tolist() == [True, True, False, False]


def test_the_rule_predicts_its_group_s_rate():
    rule = Rule.fit(FEATURES, LABELS)
    assert rule == Rule(carted=1.5 / 3, others=0.5 / 3)
    assert rule.predict(FEATURES) == pytest.approx([0.5, 0.5, 1 / 6, 1 / 6])


def test_a_group_that_train_lacks_has_a_rate_all_the_same():
    rule = Rule.fit(FEATURES.assign(is_cart=1), LABELS)
    assert 0 < rule.others < 1
