from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from feature_rows import START

from willbuy.models import calibration, promotion, registry
from willbuy.models.encoding import Encoding
from willbuy.models.promotion import judge

VALIDATION_START = START + timedelta(days=67)


@pytest.fixture
def champion(model):
    """A champion that is the candidate but for its name."""
    return replace(model, card={**model.card, "version": "xgboost_20240101_000000"})


@pytest.fixture
def verdict(model, encoding, validation):
    matrix, labels = encoding.matrix(validation), validation.label.to_numpy()
    return lambda candidate, champion, start=VALIDATION_START: judge(candidate, champion, start, matrix, labels)


def worse(model):
    """The same model, its probabilities no longer calibrated."""
    rng = np.random.default_rng(0)
    margins = rng.normal(0, 1, 5000)
    curve = calibration.fit(margins, (rng.random(5000) < 0.5).astype(int))
    return replace(model, calibration=curve)


def test_the_champion_on_disk_is_read(model, tmp_path):
    assert promotion.load_champion(tmp_path) is None
    registry.save(model, tmp_path, "xgboost_20240101_000000")
    registry.promote(tmp_path, "xgboost_20240101_000000", "first")
    assert promotion.load_champion(tmp_path).card["version"] == "xgboost_20240101_000000"


@pytest.mark.parametrize("file", ["model.ubj", "model.json", "SHA256SUMS"])
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"{}")])
def test_a_champion_that_cannot_be_read_stands_in_nobody_s_way(model, tmp_path, file, damage):
    path = registry.save(model, tmp_path, "xgboost_20240101_000000")
    registry.promote(tmp_path, path.name, "first")
    damage(path / file)
    with pytest.warns(UserWarning, match=f"cannot be read.*{path.name}"):
        assert promotion.load_champion(tmp_path) is None


def test_the_first_candidate_becomes_champion(verdict, model):
    found = verdict(model, None)
    assert found.promoted
    assert "no champion" in found.reason


def test_a_better_candidate_takes_the_place(verdict, model, champion):
    found = verdict(model, worse(champion))
    assert found.promoted
    assert "the candidate is better" in found.reason


@pytest.mark.parametrize("candidate", [lambda m: m, worse])
def test_an_equal_or_worse_candidate_does_not(verdict, model, champion, candidate):
    found = verdict(candidate(model), champion)
    assert not found.promoted
    assert "the champion stays" in found.reason and champion.card["version"] in found.reason


def test_a_champion_that_reads_other_features_is_replaced_even_if_better(verdict, model, champion):
    other = replace(champion, encoding=Encoding(("something_else",), {}))
    found = verdict(worse(model), other)
    assert found.promoted
    assert "other features" in found.reason


def test_a_champion_that_has_seen_the_validation_days_is_replaced_even_if_better(verdict, model, champion):
    found = verdict(worse(model), champion, VALIDATION_START - timedelta(microseconds=1))
    assert found.promoted
    assert "already seen" in found.reason
