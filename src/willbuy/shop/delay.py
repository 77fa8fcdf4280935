"""How long a purchase takes that the present look ends in: the chance that it comes after the lead.

From a look's last page it takes that page's dwell, the way to the cart (of an item that is not in it), and the way to
the purchase. If the look has a second page, the first page comes before that, and other items' pages in between. How
far the session has come is taken as unknown: the look's place in it is uniform, the number of pages in between Poisson.
The sum of these times has a distribution that is computed on a grid, by Fourier transform.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from willbuy.shop.looking import CARTS_BEFORE_BUYING, DWELL_SHIFT, DWELL_SPREAD, LOOKS_AGAIN
from willbuy.shop.personas import PERSONAS, Persona
from willbuy.shop.timeline import LEAST_DWELL, LONGEST_SESSION, MOST_DWELL, TO_CART, TO_NEXT_PAGE, TO_PURCHASE

STEP = 0.25  # seconds
GRID = np.arange(0, 2 * LONGEST_SESSION, STEP)  # twice as long, so that next to nothing is wrapped around
NODES = 64


@dataclass(frozen=True)
class Late:
    """For each look, given that it ends in a purchase: the chance that this comes after the lead, as seen from its
    first view, its second view and its cart."""

    first: np.ndarray
    second: np.ndarray
    cart: np.ndarray


def late(persona: np.ndarray, is_open: np.ndarray, seconds: float) -> Late:
    """`persona` and `is_open` (in the cart before) have a value a look; the lead is in seconds."""
    chances = np.array([[_late(p, is_open, seconds) for is_open in (False, True)] for p in PERSONAS])
    return Late(*np.moveaxis(chances[persona, is_open.astype(np.int8)], -1, 0))


def _late(persona: Persona, is_open: bool, seconds: float) -> tuple[float, float, float]:
    last = _dwell(persona, DWELL_SHIFT) * (1 if is_open else _to_cart()) * _uniform(TO_PURCHASE)
    between = _dwell(persona, DWELL_SHIFT) * _uniform(TO_NEXT_PAGE) * _others(persona)
    first = (1 - LOOKS_AGAIN[1]) * last + LOOKS_AGAIN[1] * between * last
    return _longer(first, seconds), _longer(last, seconds), _longer(_uniform(TO_PURCHASE), seconds)


def _others(persona: Persona) -> np.ndarray:
    """The pages between a look's two. The share w of the session between them has the density -log w: the first page
    is at a uniform place in it, the second at a uniform place in what is left."""
    node, weight = np.polynomial.legendre.leggauss(NODES)
    share = ((node + 1) / 2) ** 2  # squared: the density is steep at 0
    weight = weight / 2 * 2 * np.sqrt(share) * -np.log(share)
    page = _dwell(persona, 0) * _uniform(TO_NEXT_PAGE)
    pages = persona.looks_a_session * (1 + LOOKS_AGAIN[0])
    return weight @ np.exp(pages * share[:, None] * (page - 1))


def _dwell(persona: Persona, shift: float) -> np.ndarray:
    """Log-normal, cut to what a page view lasts."""
    with np.errstate(divide="ignore"):
        below = ndtr((np.log(GRID / persona.dwell_seconds) - shift) / DWELL_SPREAD)
    return _transform(np.where(GRID < LEAST_DWELL, 0, np.where(GRID >= MOST_DWELL, 1, below)))


def _to_cart() -> np.ndarray:
    return CARTS_BEFORE_BUYING * _uniform(TO_CART) + 1 - CARTS_BEFORE_BUYING


def _uniform(ends: tuple[float, float]) -> np.ndarray:
    return _transform(np.clip((GRID - ends[0]) / (ends[1] - ends[0]), 0, 1))


def _transform(below: np.ndarray) -> np.ndarray:
    """The Fourier transform of a time from its cumulative chances at GRID; products of them belong to sums of times.

    What falls between two points of the grid goes to both by halves, which keeps the mean.
    """
    step = np.exp(-2j * np.pi * np.fft.rfftfreq(len(GRID)))
    return np.fft.rfft(np.diff(below, append=1)) * (1 + step) / 2


def _longer(transform: np.ndarray, seconds: float) -> float:
    """The chance of a time of more than `seconds`."""
    chance = np.fft.irfft(transform, len(GRID))
    above = 1 - np.cumsum(chance) + chance / 2
    return float(np.clip(np.interp(seconds, GRID[1:], above[1:], left=1, right=0), 0, 1))
