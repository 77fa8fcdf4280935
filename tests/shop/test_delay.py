import numpy as np
import pytest

from willbuy.schema import CART, EVENT_TYPES, PURCHASE, VIEW
from willbuy.shop import delay, timeline
from willbuy.shop.personas import PERSONAS

LEADS = (20, 45, 60, 90, 180, 300)  # seconds


@pytest.fixture(scope="module")
def waits(parts):
    """For each look that buys: the seconds from its first view, second view and cart to the purchase (NaN: none)."""
    line = timeline.lay_out(parts.looks, parts.sessions.hour, np.random.default_rng(3))

    def time(name, second=None):
        rows = line.type == EVENT_TYPES.index(name)
        rows &= True if second is None else line.second == second
        found = np.full(len(parts.looks), np.nan)
        found[line.look[rows]] = line.microsecond[rows] / 1e6
        return found

    return [time(PURCHASE) - time(*of) for of in ((VIEW, False), (VIEW, True), (CART,))]


@pytest.mark.parametrize("seconds", LEADS)
def test_as_many_purchases_are_late_as_the_shop_makes(seconds, parts, waits):
    looks = parts.looks
    persona = parts.population.persona[looks.user]
    expected = delay.late(persona, looks.open, seconds)
    for wait, chance in zip(waits, (expected.first, expected.second, expected.cart), strict=True):
        known = np.isfinite(wait)
        assert known.sum() > 200
        for number in range(len(PERSONAS)):
            rows = known & (persona == number)
            spread = np.sqrt((chance[rows] * (1 - chance[rows])).sum())
            assert abs((wait[rows] > seconds).sum() - chance[rows].sum()) < 3.5 * spread + 3


def test_nothing_comes_too_early_and_everything_comes():
    shortest = timeline.LEAST_DWELL + timeline.TO_PURCHASE[0]
    persona, is_open = np.array([0, 1, 2]), np.array([True, False, True])
    for seconds, least, most in ((0, 1, 1), (shortest - 2, 1 - 1e-9, 1), (timeline.HOUR_SECONDS, 0, 1e-9)):
        found = delay.late(persona, is_open, seconds)
        for chance in (found.first, found.second):
            assert (least <= chance).all() and (chance <= most).all()


def test_from_the_cart_only_the_way_to_the_purchase_is_left():
    first, last = timeline.TO_PURCHASE
    found = delay.late(np.array([1]), np.array([False]), (first + last) / 2)
    assert found.cart == pytest.approx(0.5, abs=1e-9)
    assert delay.late(np.array([1]), np.array([False]), last + 1).cart == pytest.approx(0, abs=1e-9)


def test_a_later_lead_is_never_likelier():
    chances = [delay.late(np.arange(3), np.zeros(3, bool), s).first for s in np.linspace(0, 900, 40)]
    assert (np.diff(chances, axis=0) <= 1e-12).all()
