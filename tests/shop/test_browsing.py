import numpy as np
import pytest
from scipy import stats

from willbuy.shop import browsing
from willbuy.shop.catalogue import CATEGORIES
from willbuy.shop.personas import trait


def test_a_users_shares_over_all_items_sum_to_one(parts):
    users, items = np.meshgrid(np.arange(20), np.arange(len(parts.catalogue)), indexing="ij")
    np.testing.assert_allclose(parts.shelves.share(users, items).sum(axis=1), 1)


def test_an_item_is_met_as_often_as_its_share_says(parts):
    sessions, population = parts.sessions, parts.population
    looks = trait("looks_a_session")[population.persona[sessions.user]]
    for item in np.argsort(-parts.catalogue.weight)[[0, 10, 100]]:
        met = 1 - np.exp(-looks * parts.shelves.share(sessions.user, np.full(len(sessions), item)))
        found = (parts.chances.item == item).sum()
        assert abs(found - met.sum()) < 4 * np.sqrt((met * (1 - met)).sum())


def test_people_look_at_the_categories_they_like(parts):
    user, category = parts.chances.user, parts.catalogue.category[parts.chances.item]
    looks = np.zeros((len(parts.population), len(CATEGORIES)))
    np.add.at(looks, (user, category), 1)
    often = looks.sum(axis=1) > 50
    share = looks[often] / looks[often].sum(axis=1, keepdims=True)
    assert np.corrcoef(share.ravel(), parts.population.taste[often].ravel())[0, 1] > 0.8


def test_people_look_at_their_price_level(parts):
    level = parts.population.price_level[parts.chances.user]
    assert stats.spearmanr(level, parts.catalogue.price_level[parts.chances.item]).statistic > 0.3


def test_an_item_is_met_once_in_a_session_and_in_order(parts):
    chances = parts.chances
    pair = chances.user * len(parts.catalogue) + chances.item
    step, later = np.diff(pair), np.diff(chances.session)
    assert ((step > 0) | ((step == 0) & (later > 0))).all()
    assert (parts.sessions.user[chances.session] == chances.user).all()


@pytest.mark.parametrize("shares", [[[0.2, 0.0, 0.8], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]])
def test_a_column_is_picked_by_its_rows_shares(shares):
    row = np.repeat([0, 1, 2], 4000)
    found = browsing._pick(np.array(shares), row, np.random.default_rng(6))
    for number, expected in enumerate(shares):
        counts = np.bincount(found[row == number], minlength=3) / 4000
        np.testing.assert_allclose(counts, expected, atol=0.03)
        assert (counts[np.array(expected) == 0] == 0).all()
