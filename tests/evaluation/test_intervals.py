import numpy as np
import pytest

from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.metrics import Ranking


def clustered(rng, users=60, rows_each=20):
    """Users with a habit of their own: rows of one user are much alike."""
    habit = rng.normal(-2, 1.5, users)
    user = np.repeat(np.arange(users), rows_each)
    probability = 1 / (1 + np.exp(-habit[user]))
    return user, (rng.random(len(user)) < probability).astype(int)


def base_rate_interval(rng, by_row=False):
    user, labels = clustered(rng)
    bootstrap = UserBootstrap(np.arange(len(user)) if by_row else user, 200, seed=0)
    return estimate(labels.mean(), np.array([np.average(labels, weights=w) for w in bootstrap.weights()]))


@pytest.mark.slow
def test_intervals_over_users_cover_where_intervals_over_rows_do_not():
    rng = np.random.default_rng(0)
    truth = np.mean(1 / (1 + np.exp(-rng.normal(-2, 1.5, 10**6))))
    over_users = [base_rate_interval(rng) for _ in range(60)]
    over_rows = [base_rate_interval(rng, by_row=True) for _ in range(60)]
    covered = [np.mean([e.low <= truth <= e.high for e in found]) for found in (over_users, over_rows)]
    assert covered[0] >= 0.85  # nominal 0.95; 60 tries at 0.93 fall below 0.85 once in a hundred
    assert covered[1] < 0.80


def test_every_resample_draws_as_many_users_as_there_are():
    bootstrap = UserBootstrap(["a", "b", "b", "c"], samples=50, seed=1)
    assert (bootstrap.counts.sum(axis=1) == 3).all()
    assert all(w[1] == w[2] for w in bootstrap.weights())


def test_the_seed_alone_decides():
    users = list("aabbccdd")
    first, again, other = (UserBootstrap(users, 20, seed).counts for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


def test_sums_are_the_weighted_sums_of_each_group():
    rng = np.random.default_rng(0)
    users, groups, values = rng.integers(0, 5, 40), rng.integers(0, 3, 40), rng.random(40)
    bootstrap = UserBootstrap(users, 7, seed=0)
    expected = [np.bincount(groups, values * w, minlength=3) for w in bootstrap.weights()]
    assert bootstrap.sums(values, groups, 3) == pytest.approx(np.array(expected))


def test_resamples_without_a_value_are_left_out():
    assert estimate(1.0, np.array([np.nan, 1.0, 1.0])) == Estimate(1.0, 1.0, 1.0)
    nothing = estimate(np.nan, np.array([np.nan]))
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()
    assert not nothing.excludes(0)


def test_an_interval_excludes_what_lies_outside_it():
    assert Estimate(0.2, 0.1, 0.3).excludes(0)
    assert not Estimate(0.2, -0.1, 0.3).excludes(0)
    assert Estimate(-0.2, -0.3, -0.1).excludes(0)


def test_a_resampled_metric_is_the_metric_of_the_resampled_rows():
    rng = np.random.default_rng(0)
    users, labels, p = rng.integers(0, 8, 100), rng.integers(0, 2, 100), rng.random(100)
    weights = next(UserBootstrap(users, 1, seed=0).weights())
    drawn = np.repeat(np.arange(100), weights)
    assert Ranking(labels, p).measure(weights)["roc_auc"] == pytest.approx(
        Ranking(labels[drawn], p[drawn]).measure()["roc_auc"]
    )


def test_an_estimate_is_written_with_the_digits_that_it_bears_and_its_interval_in_one_piece():
    written = str(Estimate(0.12345, 0.1, 0.2))
    assert written.split(" ") == ["0.123", "[0.100,\N{NO-BREAK SPACE}0.200]"]


def test_a_part_of_the_rows_keeps_the_resamples_of_its_users():
    bootstrap = UserBootstrap(list("aabbcc"), 20, seed=1)
    rows = np.array([1, 4])
    part = bootstrap.of(rows)
    assert np.array_equal(list(part.weights()), np.array(list(bootstrap.weights()))[:, rows])


def test_the_mean_of_all_rows_is_that_of_one_group():
    rng = np.random.default_rng(0)
    bootstrap, values = UserBootstrap(rng.integers(0, 5, 40), 7, seed=0), rng.random(40)
    assert bootstrap.mean(values) == pytest.approx([np.average(values, weights=w) for w in bootstrap.weights()])
    assert np.isnan(bootstrap.of(np.zeros(40, bool)).mean(values[:0])).all()
