import json

import numpy as np
import pandas as pd
import pytest
from feature_rows import features, write
from limits import limited
from scipy.special import expit

from willbuy.evaluation.metrics import Ranking, log_loss
from willbuy.models import boosted
from willbuy.models.encoding import Encoding


@pytest.fixture
def fit(train, encoding, validation, settings):
    stopping = encoding.matrix(validation), validation.label
    rows = [(train, None)]
    return lambda **changes: boosted.watched(rows, encoding, stopping, **settings | changes, verbose_every=0).booster


def test_it_learns_what_the_labels_depend_on(booster, encoding, test_rows):
    margins = boosted.margins(booster, encoding.matrix(test_rows))
    assert margins.dtype == np.float32
    assert Ranking(test_rows.label, margins).measure()["roc_auc"] > 0.7


def test_it_stops_early_and_keeps_the_best_round(booster, encoding, validation, settings, fit):
    assert booster.num_boosted_rounds() < settings["num_boost_round"]
    longer = fit(early_stopping_rounds=settings["num_boost_round"])
    matrix = encoding.matrix(validation)
    tried = range(min(booster.num_boosted_rounds() + settings["early_stopping_rounds"], longer.num_boosted_rounds()))
    losses = [log_loss(validation.label, expit(boosted.margins(longer[: n + 1], matrix))) for n in tried]
    kept = log_loss(validation.label, expit(boosted.margins(booster, matrix)))
    assert kept == pytest.approx(min(losses), abs=1e-6)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_seed_grows_the_same_trees_on_any_number_of_threads(booster, fit, threads):
    with limited(threads=threads):
        assert fit().save_raw("ubj") == booster.save_raw("ubj")


def test_another_seed_grows_other_trees(booster, fit):
    assert fit(seed=2).save_raw("ubj") != booster.save_raw("ubj")


def test_row_groups_of_any_size_give_the_same_trees(booster, encoding, validation, fit, monkeypatch):
    monkeypatch.setattr("willbuy.models.encoding.ROW_GROUP", 700)
    smaller = fit()
    matrix = encoding.matrix(validation)
    # Quantiles are sketched piece by piece, so cuts may move a little, what is learned may not.
    areas = [Ranking(validation.label, boosted.margins(b, matrix)).measure()["pr_auc"] for b in (booster, smaller)]
    assert areas[0] == pytest.approx(areas[1], abs=0.05)


def test_thinning_keeps_every_positive_and_the_base_rate():
    labels = np.zeros(200_000, dtype=np.int8)
    labels[::100] = 1
    weights = boosted.thinned(labels, seed=0)
    assert (weights[labels == 1] == 1).all()
    kept = labels[weights > 0]
    assert (kept == 0).sum() / (kept == 1).sum() == pytest.approx(boosted.NEGATIVES_A_POSITIVE, rel=0.05)
    assert np.average(labels, weights=weights) == pytest.approx(0.01, rel=0.03)


def test_nothing_is_left_out_where_negatives_are_few():
    labels = np.repeat(np.int8([0, 1]), [15, 1])
    assert boosted.thinned(labels, seed=0).tolist() == [1] * 16
    assert boosted.thinned(np.zeros(5, dtype=np.int8), seed=0).tolist() == [1] * 5  # no positive at all is no error


def test_probabilities_of_thinned_training_are_those_of_all_rows(encoding, validation, settings, tmp_path):
    rare = features(60_000, seed=4)
    rare = rare[(rare.label == 0) | (np.arange(60_000) % 10 == 0)]
    path = write(rare, tmp_path / "rare.parquet")
    stopping = encoding.matrix(validation), validation.label
    booster = boosted.watched([(path, None)], encoding, stopping, **settings, verbose_every=0).booster
    assert boosted.thinned(rare.label, settings["seed"]).min() == 0
    predicted = expit(boosted.margins(booster, encoding.matrix(rare))).mean()
    assert predicted == pytest.approx(rare.label.mean(), rel=0.1)


def test_contributions_add_up_to_the_margin(booster, encoding, test_rows):
    matrix = encoding.matrix(test_rows.head(50))
    found = boosted.contributions(booster, encoding, matrix)
    assert found.shape == matrix.shape
    # What is left over is the bias: the same for every row.
    assert np.ptp(boosted.margins(booster, matrix) - found.sum(axis=1)) == pytest.approx(0, abs=1e-4)


def test_importance_names_what_matters(booster, encoding, test_rows):
    contributed = boosted.contributions(booster, encoding, encoding.matrix(test_rows))
    table = boosted.importance(booster, encoding, contributed)
    assert table.feature.tolist() == list(encoding.names)
    assert table.gain.sum() == pytest.approx(1)
    strongest = table.set_index("feature").contribution.nlargest(3).index
    assert set(strongest) == {"is_cart", "view_count_7d", "item_category"}  # what the labels depend on


def test_a_missing_category_is_another_thing_than_any_category(booster, encoding):
    rows = features(3, seed=0).assign(view_count_7d=3, is_cart=0, user_item_cart_count_30d=0)
    rows = rows.assign(user_item_hours_since_last_view=1.0, item_category=["Books", "Clothing", None])
    books, clothing, missing = boosted.margins(booster, encoding.matrix(rows))
    assert books > clothing
    assert np.isnan(encoding.matrix(rows)[2, encoding.names.index("item_category")])
    assert np.isfinite(missing)


def test_log_loss_drives_the_stopping(booster):
    assert json.loads(booster.save_config())["learner"]["metrics"][-1]["name"] == "logloss"


def test_two_files_and_some_of_their_rows_are_learned_from_as_if_they_were_one(encoding, settings, tmp_path):
    whole = features(3000, seed=6)
    chosen = np.arange(1000) % 3 > 0
    first, second = write(whole.head(2000), tmp_path / "a.parquet"), write(whole.tail(1000), tmp_path / "b.parquet")
    one = write(pd.concat([whole.head(2000), whole.tail(1000)[chosen]]), tmp_path / "one.parquet")
    matrix = encoding.matrix(whole)
    parted = boosted.fit([(first, None), (second, chosen)], encoding, 20, **settings)
    assert parted.num_boosted_rounds() == 20
    together = boosted.fit([(one, None)], encoding, 20, **settings)
    np.testing.assert_allclose(boosted.margins(parted, matrix), boosted.margins(together, matrix), atol=0.3)
    assert Ranking(whole.label, boosted.margins(parted, matrix)).measure()["roc_auc"] > 0.7


def test_features_that_are_not_there_are_named(train):
    with pytest.raises(KeyError, match="no column clicks"):
        Encoding.fit(train, ["clicks"])
