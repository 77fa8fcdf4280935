"""Under what circumstances people come: the channel that brings them, and the device they use."""

from dataclasses import dataclass

import numpy as np

from willbuy.shop.looking import Looks
from willbuy.shop.personas import Population
from willbuy.shop.visits import Sessions

CHANNELS = ("direct", "search", "email", "social", "ads")
# The chances of the channels of a session, without and with an intent for the item that it begins with.
CHANNEL_CHANCES = ((0.20, 0.35, 0.10, 0.20, 0.15), (0.40, 0.30, 0.20, 0.04, 0.06))
DEVICES = ("desktop", "phone", "tablet")
# The chances of the devices of a session, by persona.
DEVICE_CHANCES = ((0.25, 0.65, 0.10), (0.60, 0.25, 0.15), (0.45, 0.50, 0.05))


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
    """Draw channel and device of every session: the channel by the hidden intent of its first look, which `landing`
    marks, the device by the persona."""
    intent = np.zeros(len(sessions), np.int64)
    intent[looks.session[landing]] = looks.intent[landing]
    channel = _pick(CHANNEL_CHANCES, intent, rng)
    return Circumstances(channel, _pick(DEVICE_CHANCES, population.persona[sessions.user], rng), landing)


def evidence(looks: Looks, known: Circumstances) -> np.ndarray:
    """Log-likelihood ratio of each look's channel for an intent; 0 for a look that its session does not begin with."""
    without, with_intent = np.log(CHANNEL_CHANCES)
    return np.where(known.landing, (with_intent - without)[known.channel[looks.session]], 0.0)


def _pick(chances, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A column for each number of a row, by that row's chances."""
    ends = np.cumsum(chances, axis=1)[:, :-1]
    return (rng.random(len(row))[:, None] >= ends[row]).sum(axis=1)
