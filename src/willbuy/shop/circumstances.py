"""Under what circumstances people come: the channel that brings them, and the device they use."""

from dataclasses import dataclass

import numpy as np

from willbuy.shop.looking import Looks
from willbuy.shop.personas import Population
from willbuy.shop.visits import Sessions

CHANNELS = ("direct", "search", "email", "social", "ads")
# The chances of a session's channels: where its first look is not to end in a purchase, and where it is.
CHANNEL_CHANCES = ((0.24, 0.34, 0.12, 0.18, 0.12), (0.30, 0.34, 0.17, 0.11, 0.08))
DEVICES = ("desktop", "phone", "tablet")
# The chances of the devices of a session, by persona.
DEVICE_CHANCES = ((0.20, 0.72, 0.08), (0.62, 0.28, 0.10), (0.40, 0.25, 0.35))


@dataclass(frozen=True)
class Circumstances:
    """Of each session its channel and device, as numbers in CHANNELS and DEVICES; `landing` marks the looks that a
    session begins with."""

    channel: np.ndarray
    device: np.ndarray
    landing: np.ndarray


def arise(
    looks: Looks, landing: np.ndarray, sessions: Sessions, population: Population, rng: np.random.Generator
) -> Circumstances:
    """Draw channel and device of every session: the channel by whether its first look, which `landing` marks, is to end
    in a purchase, the device by the persona."""
    sells = np.zeros(len(sessions), np.int64)
    sells[looks.session[landing]] = looks.buys[landing]
    channel = _pick(CHANNEL_CHANCES, sells, rng)
    return Circumstances(channel, _pick(DEVICE_CHANCES, population.persona[sessions.user], rng), landing)


def evidence(looks: Looks, known: Circumstances) -> np.ndarray:
    """Likelihood ratio of each look's channel for a purchase at this look; 1 where its session begins with another."""
    without, with_purchase = np.array(CHANNEL_CHANCES)
    return np.where(known.landing, (with_purchase / without)[known.channel[looks.session]], 1.0)


def _pick(chances, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A column for each number of a row, by that row's chances."""
    ends = np.cumsum(chances, axis=1)[:, :-1]
    return (rng.random(len(row))[:, None] >= ends[row]).sum(axis=1)
