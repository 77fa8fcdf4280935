import numpy as np

from willbuy.models import depth

MANY, FEW = np.ones(depth.ENOUGH_FOR_DEEP), np.ones(depth.ENOUGH_FOR_DEEP - 1)


def test_few_positives_bear_shallow_trees_only():
    assert depth.chosen({"max_depth": 0, "subsample": 0.5}, FEW) == {"max_depth": 4, "subsample": 0.5}
    assert depth.chosen({"max_depth": 0}, MANY) == {"max_depth": 6}


def test_a_depth_that_is_asked_for_stands():
    assert depth.chosen({"max_depth": 3}, MANY) == {"max_depth": 3} == depth.chosen({"max_depth": 3}, FEW)
