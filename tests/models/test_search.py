import pytest

from willbuy.models import rounds, search


@pytest.fixture
def find(train, validation, encoding, settings):
    matrix = encoding.matrix(validation)
    return lambda trials, **changes: search.find(
        train, validation, matrix, encoding, 7, settings | changes | {"num_boost_round": 10}, trials
    )


def test_without_trials_the_settings_are_those_asked_for(find, settings):
    chosen, found = find(0)
    assert chosen == settings | {"num_boost_round": 10}
    assert isinstance(found, rounds.Rounds)


@pytest.mark.slow
def test_the_best_of_some_trials_is_no_worse_and_the_same_again(find):
    pytest.importorskip("optuna", reason="needs pip install 'willbuy[tune]'")
    # As a single split of few rows, what is asked for is easily beaten.
    plain, (chosen, found) = find(0, max_depth=1), find(3, max_depth=1)
    assert found.loss < plain[1].loss and chosen["max_depth"] > 1
    again, same = find(3, max_depth=1)
    assert again == chosen and same.booster.save_raw("ubj") == found.booster.save_raw("ubj")
    assert find(3, max_depth=1, seed=9)[0] != chosen
