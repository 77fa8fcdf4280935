import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk

from willbuy.evaluation.metrics import CALIBRATION_BINS, METRICS, Ranking, log_loss

# Few distinct probabilities, so that ties are the rule; 0 and 1 are allowed, and wrong.
PROBABILITIES = st.sampled_from([0.0, 0.01, 0.02, 0.1, 0.5, 0.9, 1.0])


@st.composite
def samples(draw, weighted=True):
    """Labels of both classes, probabilities with ties, weights of which some are 0."""
    n = draw(st.integers(2, 60))
    labels = draw(hnp.arrays(np.int8, n, elements=st.integers(0, 1)))
    probabilities = draw(hnp.arrays(np.float64, n, elements=PROBABILITIES))
    weights = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 4))) if weighted else np.ones(n, np.int64)
    assume(0 < (weights * labels).sum() < weights.sum())
    return labels, probabilities, weights


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(samples())
def test_agrees_with_scikit_learn_under_any_weights(sample):
    labels, probabilities, weights = sample
    measured = Ranking(labels, probabilities).measure(weights)
    expected = {
        "pr_auc": sk.average_precision_score(labels, probabilities, sample_weight=weights),
        "roc_auc": sk.roc_auc_score(labels, probabilities, sample_weight=weights),
        "log_loss": sk.log_loss(labels, probabilities, sample_weight=weights),
        "brier": sk.brier_score_loss(labels, probabilities, sample_weight=weights),
    }
    assert {k: measured[k] for k in expected} == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(samples())
def test_a_weight_is_a_repetition(sample):
    labels, probabilities, weights = sample
    repeated = Ranking(np.repeat(labels, weights), np.repeat(probabilities, weights)).measure()
    weighted = Ranking(labels, probabilities).measure(weights)
    for metric in set(METRICS) - {"calibration_error"}:  # its bins are those of the unweighted rows
        assert weighted[metric] == pytest.approx(repeated[metric])


@settings(max_examples=60, deadline=None)
@given(samples(weighted=False), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(sample, random):
    labels, probabilities, _ = sample
    shuffled = random.sample(range(len(labels)), len(labels))
    assert Ranking(labels[shuffled], probabilities[shuffled]).measure() == pytest.approx(
        Ranking(labels, probabilities).measure()
    )


def test_top_shares_of_a_ranking_without_ties():
    labels = np.zeros(1000)
    labels[[0, 1, 20, 99, 500]] = 1  # two of five in the top 1%, three in the top 5%, four in the top 10%
    measured = Ranking(labels, np.linspace(0.9, 0.1, 1000)).measure()
    assert measured["precision_at_1%"] == pytest.approx(2 / 10)
    assert measured["recall_at_5%"] == pytest.approx(3 / 5)
    assert measured["lift_at_10%"] == pytest.approx((4 / 100) / (5 / 1000))


def test_ties_in_the_top_count_as_broken_at_random():
    labels = np.repeat([1, 0, 1, 0], [2, 1, 4, 93])
    probabilities = np.repeat([0.9, 0.5, 0.5, 0.1], [2, 1, 47, 50])  # the top 10% is the first 2 and 8 of the tied 48
    rng = np.random.default_rng(0)
    drawn = [labels[np.lexsort((rng.random(100), -probabilities))[:10]].mean() for _ in range(5000)]
    assert Ranking(labels, probabilities).measure()["precision_at_10%"] == pytest.approx(np.mean(drawn), abs=0.005)


def test_a_guess_without_knowledge_scores_the_base_rate():
    labels = np.repeat([1, 0], [20, 980])
    measured = Ranking(labels, np.full(1000, 0.02)).measure()
    assert measured["pr_auc"] == pytest.approx(0.02)
    assert measured["roc_auc"] == pytest.approx(0.5)
    assert measured["lift_at_5%"] == pytest.approx(1)
    assert measured["calibration_error"] == pytest.approx(0, abs=1e-12)


def test_calibration_error_is_the_mean_distance_of_the_bins():
    probabilities = np.repeat([0.1, 0.3], 500)
    labels = np.concatenate([np.repeat([1, 0], [100, 400]), np.repeat([1, 0], [150, 350])])
    assert Ranking(labels, probabilities).measure()["calibration_error"] == pytest.approx((0.1 + 0.0) / 2)


def test_calibration_bins_hold_equal_numbers_of_rows_and_keep_ties_together():
    distinct = Ranking(np.zeros(1500), np.random.default_rng(0).random(1500)).bins()
    assert np.bincount(distinct).tolist() == [100] * CALIBRATION_BINS
    tied = Ranking(np.zeros(1500), np.repeat([0.2, 0.1], [10, 1490])).bins()
    assert np.bincount(tied).tolist() == [10, 1490]


def test_one_class_alone_cannot_be_measured():
    assert all(np.isnan(v) for v in Ranking(np.zeros(5), np.linspace(0, 1, 5)).measure().values())
    assert all(np.isnan(v) for v in Ranking(np.array([1, 0]), np.array([0.5, 0.5])).measure([1, 0]).values())


def test_a_certain_and_wrong_prediction_is_finite():
    assert log_loss(np.array([1]), np.array([0.0])) == pytest.approx(36.04, abs=0.01)


def test_the_curve_runs_from_nothing_to_everything_and_stays_short():
    labels = np.random.default_rng(0).integers(0, 2, 10_000)
    curve = Ranking(labels, np.random.default_rng(1).random(10_000)).curve(points=200)
    assert len(curve) <= 201
    assert curve.iloc[0][["share", "recall"]].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1.0, 1.0, pytest.approx(labels.mean())]
    assert curve.recall.is_monotonic_increasing
