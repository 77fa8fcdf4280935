import numpy as np
import pytest

from willbuy.schema import CART, EVENT_TYPES, PURCHASE, REMOVE, SCROLL, VIEW
from willbuy.shop import timeline

HOUR = timeline.HOUR_SECONDS * 10**6


@pytest.fixture(scope="module")
def line(parts):
    return timeline.lay_out(parts.looks, parts.sessions.hour, np.random.default_rng(7))


def of(line, name):
    return line.type == EVENT_TYPES.index(name)


def times(line, parts, name):
    """When each look's event of a type happened (its last one), 0 where it has none."""
    when = np.zeros(len(parts.looks), np.int64)
    rows = of(line, name)
    np.maximum.at(when, line.look[rows], line.microsecond[rows])
    return when


def test_every_look_has_the_events_it_was_drawn(line, parts):
    looks, count = parts.looks, len(parts.looks)
    found = {name: np.bincount(line.look[of(line, name)], minlength=count) for name in EVENT_TYPES}
    scrolls = looks.scrolls[:, 0] + np.where(looks.again, looks.scrolls[:, 1], 0)
    for name, expected in ((VIEW, 1 + looks.again), (SCROLL, scrolls), (CART, looks.carts)):
        assert (found[name] == expected).all(), name
    assert (found[REMOVE] == looks.removes).all()
    assert (found[PURCHASE] == looks.buys).all()


def test_a_session_stays_within_its_hour(line, parts):
    hour = parts.sessions.hour[parts.looks.session[line.look]]
    assert (line.microsecond // HOUR == hour).all()


def test_a_user_never_does_two_things_at_once(line, parts):
    user = parts.looks.user[line.look]
    order = np.lexsort((line.microsecond, user))
    same = np.diff(user[order]) == 0
    assert (np.diff(line.microsecond[order])[same] > 0).all()


def test_a_look_ends_with_its_cart_and_then_its_purchase_or_removal(line, parts):
    view, cart = times(line, parts, VIEW), times(line, parts, CART)
    for name, happens in ((REMOVE, parts.looks.removes), (PURCHASE, parts.looks.buys)):
        assert (times(line, parts, name) > np.maximum(view, cart))[happens].all()
    assert (cart > view)[parts.looks.carts].all()


def test_the_next_page_comes_after_the_dwell(line, parts):
    views = np.flatnonzero(of(line, VIEW))
    session = parts.looks.session[line.look[views]]
    order = np.lexsort((line.microsecond[views], session))
    pause = np.diff(line.microsecond[views][order]) / 1e6 - line.dwell[views][order][:-1]
    assert (pause[np.diff(session[order]) == 0] > 0).all()


def test_scrolls_lie_within_the_dwell(line, parts):
    rows = of(line, SCROLL)
    key = line.look * 2 + line.second
    opened, dwell = np.zeros((2, 2 * len(parts.looks)))
    views = of(line, VIEW)
    opened[key[views]], dwell[key[views]] = line.microsecond[views], line.dwell[views]
    into = (line.microsecond[rows] - opened[key[rows]]) / 1e6
    # Dwell is logged to a tenth of a second.
    assert (into > 0).all() and (into < dwell[key[rows]] + 0.06).all()


def test_only_views_have_a_dwell_and_it_is_the_looks(line, parts):
    views = of(line, VIEW)
    assert np.isnan(line.dwell[~views]).all()
    drawn = np.clip(parts.looks.dwell[line.look, line.second.astype(int)], timeline.LEAST_DWELL, timeline.MOST_DWELL)
    close = np.abs(line.dwell[views] - drawn[views]) < 0.051
    # The few others belong to sessions that were squeezed into their hour.
    assert close.mean() > 0.999
    assert (line.dwell[views] <= drawn[views] + 0.051).all()


def test_a_second_page_follows_the_first(line, parts):
    views = of(line, VIEW)
    first = np.zeros(len(parts.looks), np.int64)
    rows = views & ~line.second
    first[line.look[rows]] = line.microsecond[rows]
    again = views & line.second
    assert (line.microsecond[again] > first[line.look[again]]).all()


def test_other_items_come_between_two_pages_of_one(line, parts):
    views = np.flatnonzero(of(line, VIEW))
    order = views[np.lexsort((line.microsecond[views], parts.looks.session[line.look[views]]))]
    again = np.flatnonzero(line.second[order])
    between = line.look[order][again - 1] != line.look[order][again]
    assert 0.5 < between.mean() < 1


def test_a_session_too_long_is_squeezed(parts):
    looks = parts.looks
    slow = type(looks)(**{**vars(looks), "dwell": looks.dwell * 30})
    line = timeline.lay_out(slow, parts.sessions.hour, np.random.default_rng(8))
    hour = parts.sessions.hour[looks.session[line.look]]
    assert (line.microsecond // HOUR == hour).all()
