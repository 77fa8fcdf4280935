import numpy as np
from scipy import stats

from willbuy.shop import looking
from willbuy.shop.intent import logistic
from willbuy.shop.personas import trait


def holds(found, chance):
    """Whether a share of yes is what the chances (one a row, or one for all) add up to."""
    chance = np.broadcast_to(chance, np.shape(found))
    spread = np.sqrt((chance * (1 - chance)).sum())
    return abs(found.sum() - chance.sum()) < 4 * spread


def pair(parts):
    return parts.looks.user * len(parts.catalogue) + parts.looks.item


def test_looks_are_in_order_and_one_a_session(parts):
    step, later = np.diff(pair(parts)), np.diff(parts.looks.session)
    assert ((step > 0) | ((step == 0) & (later > 0))).all()
    assert (parts.sessions.user[parts.looks.session] == parts.looks.user).all()


def test_every_chance_look_is_a_look(parts):
    places = len(parts.sessions)
    chances = (parts.chances.user * len(parts.catalogue) + parts.chances.item) * places + parts.chances.session
    assert np.isin(chances, pair(parts) * places + parts.looks.session).all()


def test_a_consideration_is_fresh_at_first_and_after_it_was_forgotten(parts):
    looks, hour = parts.looks, parts.sessions.hour[parts.looks.session]
    new = np.diff(pair(parts), prepend=-1) != 0
    forgotten = np.diff(hour, prepend=0) > looking.FORGOTTEN_HOURS
    assert (looks.fresh == (new | forgotten)).all()
    assert (forgotten & ~new).sum() > 100


def test_intents_begin_as_often_as_their_odds_say(parts):
    looks = parts.looks
    assert holds(looks.intent[looks.fresh], logistic(looks.prior[looks.fresh]))


def test_an_intent_lasts_until_it_buys(parts):
    looks = parts.looks
    follows = ~looks.fresh[1:]
    still = looks.intent[:-1] & ~looks.buys[:-1]
    assert (looks.intent[1:][follows] == still[follows]).all()


def test_only_an_intent_buys_and_a_discount_decides_how_often(parts):
    looks = parts.looks
    assert not (looks.buys & ~looks.intent).any()
    persona = parts.population.persona[looks.user]
    reduced = parts.catalogue.discount[looks.item, parts.sessions.day[looks.session]] > 0
    for price, name in ((~reduced, "buys"), (reduced, "buys_discounted")):
        rows = looks.intent & price
        assert holds(looks.buys[rows], trait(name)[persona[rows]])


def test_carts_and_removals_have_their_chances(parts):
    looks = parts.looks
    assert not (looks.carts & looks.open).any()
    for wants, chance in ((False, looking.CARTS[0]), (True, looking.CARTS[1])):
        rows = (looks.intent == wants) & ~looks.open & ~looks.buys
        assert holds(looks.carts[rows], chance)
        rows = (looks.intent == wants) & (looks.open | looks.carts) & ~looks.buys
        assert holds(looks.removes[rows], looking.REMOVES[int(wants)])
    assert holds(looks.carts[looks.buys & ~looks.open], looking.CARTS_BEFORE_BUYING)
    assert not (looks.removes & (looks.buys | ~(looks.open | looks.carts))).any()


def test_what_was_carted_stays_open_until_removed_or_bought(parts):
    looks = parts.looks
    same = np.diff(pair(parts)) == 0
    expected = (looks.open | looks.carts) & ~looks.removes & ~looks.buys
    assert (looks.open[1:][same] == expected[:-1][same]).all()
    assert not looks.open[1:][~same].any()


def test_an_intent_looks_again_and_dwells_longer(parts):
    looks = parts.looks
    median = np.log(trait("dwell_seconds")[parts.population.persona[looks.user]])
    for wants in (False, True):
        rows = looks.intent == wants
        assert holds(looks.again[rows], looking.LOOKS_AGAIN[int(wants)])
        scaled = (np.log(looks.dwell[rows, 0]) - median[rows] - looking.DWELL_SHIFT * wants) / looking.DWELL_SPREAD
        assert stats.kstest(scaled[:20_000], "norm").pvalue > 0.001


def test_scrolls_are_the_personas(parts):
    persona = parts.population.persona[parts.looks.user]
    expected = trait("scrolls")[persona] * looking.MOST_SCROLLS
    spread = (expected * (1 - trait("scrolls")[persona])).sum() ** 0.5
    assert abs(parts.looks.scrolls[:, 0].sum() - expected.sum()) < 4 * spread


def test_people_come_back_by_will_as_often_as_told(parts):
    """Sessions after a look, while the consideration lasts: with a look or without one."""
    looks, sessions = parts.looks, parts.sessions
    wants = looks.intent & ~looks.buys
    persona = parts.population.persona[looks.user]
    missed = np.exp(-trait("looks_a_session")[persona] * parts.shelves.share(looks.user, looks.item))
    returns = np.where(wants, trait("returns")[persona], looking.RETURNS_WITHOUT_INTENT)
    following = np.minimum(looks.session + 1, len(sessions) - 1)
    alive = (looks.session + 1 < sessions.first[looks.user + 1]) & (
        sessions.hour[following] - sessions.hour[looks.session] <= looking.FORGOTTEN_HOURS
    )
    came = np.append((np.diff(pair(parts)) == 0) & (np.diff(looks.session) == 1), False)
    for rows in (alive & wants, alive & ~wants):
        assert holds(came[rows], (1 - missed * (1 - returns))[rows])
