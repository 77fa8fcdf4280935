import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from feature_rows import START, features, write
from scipy.special import expit, logit

from willbuy.models import golden, promotion, registry
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.judging import Judging

VALIDATION_START = START + timedelta(days=67)
FIRST, SECOND = "xgboost_20240101_000000", "xgboost_20240102_000000"


def carded(model, version=SECOND, matrix=None, **card):
    """`model` with a card that a build could have written; `matrix` holds the rows that golden ones are chosen of."""
    matrix = model.encoding.matrix(features(200, seed=9)) if matrix is None else matrix
    rows = golden.rows(model.encoding, matrix, model.predict_matrix(matrix))
    known = {"version": version, "golden": rows, "horizon_days": 7, "min_lead_minutes": 0, "predicts": "a purchase"}
    return replace(model, card=model.card | known | card)


def times(model, factor):
    """The model with probabilities of `factor` times the odds."""
    curve = model.calibration
    shifted = expit(logit(curve.probabilities) + np.log(factor))
    return replace(model, calibration=Calibration(curve.method, curve.margins, tuple(shifted.tolist())))


def blind(model):
    """The model without its best feature, hence worse and yet not mad."""
    levels = {n: tuple(f"not {level}" for level in known) for n, known in model.encoding.levels.items()}
    return replace(model, encoding=Encoding(model.encoding.names, levels))


@pytest.fixture
def candidate(model):
    return carded(model)


@pytest.fixture
def served(model, tmp_path):
    """A folder whose champion is `model`, changed; gives the folder."""

    def serve(changed, **card):
        registry.save(carded(changed, FIRST, **card), tmp_path, FIRST)
        registry.promote(tmp_path, FIRST, "first")
        return tmp_path

    return serve


def passed(verdict):
    return {check.name: check.passed for check in verdict.checks}


def test_the_first_candidate_that_passes_is_promoted(candidate, judging):
    verdict, champion = promotion.judge(candidate, None, judging)
    assert verdict.promoted and champion is None and verdict.champion is None
    assert all(passed(verdict).values()) and len(verdict.checks) == 6
    assert "no champion" in verdict.reason


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda m: carded(times(m, 0.2)), "calibrated"),
        (lambda m: carded(times(m, 30)), "beats the base rate"),
        (lambda m: carded(m, judges_known_through=(START + timedelta(days=68)).isoformat()), "train ends before"),
        (lambda m: carded(m, golden=carded(times(m, 2)).card["golden"]), "golden rows"),
    ],
)
def test_a_candidate_that_fails_a_check_is_not_promoted(model, judging, change, name):
    worse = carded(times(model, 1e3), FIRST)
    verdict, champion = promotion.judge(change(model), worse, judging)
    assert not verdict.promoted and champion is worse, "not even over a champion that is far worse"
    assert name in verdict.reason and not all(passed(verdict).values())


def test_a_feature_that_knows_the_future_is_found(model, judged_rows, tmp_path):
    leaking = judged_rows.assign(view_count_7d=judged_rows.label.astype("int32"))
    verdict, _ = promotion.judge(carded(model), None, Judging.of(write(leaking, tmp_path / "v.parquet"), 50, seed=0))
    assert not verdict.promoted
    assert "view_count_7d" in verdict.reason


def test_without_both_labels_there_is_no_promotion(candidate, judged_rows, tmp_path):
    nobody = Judging.of(write(judged_rows.assign(label=np.int8(0)), tmp_path / "v.parquet"), 50, seed=0)
    verdict, _ = promotion.judge(candidate, None, nobody)
    assert not verdict.promoted
    assert "0 of them positive" in verdict.reason


def test_a_better_candidate_takes_the_place(model, candidate, judging):
    verdict, _ = promotion.judge(candidate, carded(times(model, 4), FIRST), judging)
    assert verdict.promoted and verdict.champion == FIRST
    assert "it is better" in verdict.reason


def test_an_equal_candidate_is_not_worse(model, candidate, judging):
    verdict, _ = promotion.judge(candidate, carded(model, FIRST), judging)
    assert verdict.promoted
    assert "it is not worse" in verdict.reason


def test_a_worse_candidate_does_not(model, judging):
    verdict, champion = promotion.judge(carded(times(model, 1.6)), carded(model, FIRST), judging)
    assert all(passed(verdict).values()), "it passes its checks, and yet"
    assert not verdict.promoted and champion.card["version"] == FIRST
    assert "the champion stays" in verdict.reason and FIRST in verdict.reason


def test_other_features_and_categories_are_no_obstacle(model, candidate, judging):
    more = Encoding((*model.encoding.names, "since_gone"), model.encoding.levels)
    with pytest.raises(KeyError):
        model.encoding.matrix(features(1, seed=0).drop(columns="is_cart"))
    assert np.isnan(judging.matrix(replace(model, encoding=more))[:, -1]).all()
    verdict, champion = promotion.judge(carded(times(model, 1.6)), carded(blind(model), FIRST), judging)
    assert champion and verdict.champion == FIRST, "compared, whatever its categories"
    assert not promotion.judge(carded(blind(model)), carded(model, FIRST), judging)[0].promoted


def test_a_champion_that_knows_the_judging_days_is_compared_on_those_after(model, judging):
    worse, late = carded(times(model, 1.6)), (VALIDATION_START + timedelta(days=6)).isoformat()
    verdict, _ = promotion.judge(worse, carded(model, FIRST, judges_known_through=late), judging)
    assert not verdict.promoted
    never = carded(model, FIRST, judges_known_through=(VALIDATION_START + timedelta(days=99)).isoformat())
    verdict, champion = promotion.judge(worse, never, judging)
    assert verdict.promoted and champion
    assert "all days that could judge" in verdict.reason


@pytest.mark.parametrize("question", [{"horizon_days": 3}, {"min_lead_minutes": 60}])
def test_a_champion_that_answers_another_question_is_no_rival(model, judging, question):
    verdict, champion = promotion.judge(carded(times(model, 1.6)), carded(model, FIRST, **question), judging)
    assert verdict.promoted and champion is None and verdict.champion is None


def test_the_gate_moves_the_pointer_last_and_leaves_its_verdict(candidate, judging, tmp_path):
    registry.save(candidate, tmp_path, SECOND)
    verdict = promotion.gate(tmp_path, SECOND, judging)
    assert verdict.promoted and registry.champion(tmp_path) == SECOND
    kept = json.loads((tmp_path / promotion.CANDIDATE).read_text())
    assert kept["promoted"] and kept["version"] == SECOND and len(kept["checks"]) == 6


def test_a_rejected_candidate_leaves_the_champion(model, judging, served):
    models = served(model)
    before = (models / "current.json").read_bytes()
    registry.save(carded(times(model, 1.6)), models, SECOND)
    assert not promotion.gate(models, SECOND, judging).promoted
    assert (models / "current.json").read_bytes() == before
    assert json.loads((models / promotion.CANDIDATE).read_text())["champion"] == FIRST


@pytest.mark.parametrize("other", [None, {"horizon_days": 3}])
def test_a_rejected_candidate_with_nothing_to_serve_instead_is_an_error(model, judging, served, tmp_path, other):
    before = (served(model, **other) / "current.json").read_bytes() if other else None
    registry.save(carded(times(model, 30)), tmp_path, SECOND)
    with pytest.raises(promotion.RejectedError, match="beats the base rate.*More users"):
        promotion.gate(tmp_path, SECOND, judging)
    assert not (tmp_path / promotion.CANDIDATE).exists()
    assert ((tmp_path / "current.json").read_bytes() if other else registry.champion(tmp_path)) == before


def test_the_champion_on_disk_is_read(model, served, tmp_path):
    assert promotion.load_champion(tmp_path) is None
    assert promotion.load_champion(served(model)).card["version"] == FIRST


@pytest.mark.parametrize("file", ["model.ubj", "model.json", "SHA256SUMS"])
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"{}")])
def test_a_champion_that_cannot_be_read_stands_in_nobody_s_way(model, served, file, damage):
    models = served(model)
    damage(models / FIRST / file)
    with pytest.warns(UserWarning, match=f"cannot be read.*{FIRST}"):
        assert promotion.load_champion(models) is None
