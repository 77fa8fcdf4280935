"""A model trained on small tables, once a session."""

from datetime import timedelta

import pytest
from feature_rows import NAMES, START, features, write

from willbuy.models import boosted, calibration
from willbuy.models.baseline import Dummy, Rule
from willbuy.models.encoding import Encoding
from willbuy.models.judging import Judging
from willbuy.models.logistic import LogisticRegression
from willbuy.models.model import Baselines, Model


@pytest.fixture(scope="session")
def settings():
    return {
        "num_boost_round": 60,
        "early_stopping_rounds": 10,
        "learning_rate": 0.3,
        "max_depth": 4,
        "min_child_weight": 5,
        "subsample": 0.8,
        "colsample_bytree": 0.8,
        "seed": 1,
    }


@pytest.fixture(scope="session")
def train(tmp_path_factory):
    return write(features(6000, seed=1), tmp_path_factory.mktemp("features") / "train.parquet")


@pytest.fixture(scope="session")
def encoding(train):
    return Encoding.fit(train, NAMES)


@pytest.fixture(scope="session")
def validation():
    return features(4000, seed=2, days=(67, 80))


@pytest.fixture(scope="session")
def judged_rows():
    return features(6000, seed=5, days=(67, 80))


@pytest.fixture(scope="session")
def judging(judged_rows, tmp_path_factory):
    """The users of `judged_rows` who judge a candidate."""
    path = write(judged_rows, tmp_path_factory.mktemp("judging") / "validation.parquet")
    return Judging.of(path, samples=200, seed=0)


@pytest.fixture(scope="session")
def test_rows():
    return features(4000, seed=3, days=(87, 100))


@pytest.fixture(scope="session")
def booster(train, encoding, validation, settings):
    return boosted.watched(
        [(train, None)], encoding, (encoding.matrix(validation), validation.label), **settings, verbose_every=0
    ).booster


@pytest.fixture(scope="session")
def model(train, encoding, validation, booster):
    known = features(6000, seed=1)
    curve = calibration.fit(boosted.margins(booster, encoding.matrix(validation)), validation.label)
    baselines = Baselines(
        Dummy.fit(known.label),
        Rule.fit(known, known.label),
        LogisticRegression.fit(encoding, encoding.matrix(known), known.label),
    )
    card = {
        "trained_through": (START + timedelta(days=67)).isoformat(),
        "judges_known_through": (START + timedelta(days=67)).isoformat(),
        "features": [{"name": n} for n in encoding.names],
    }
    return Model(booster, encoding, curve, 0.25, baselines, card)
