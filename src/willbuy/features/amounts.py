"""Amounts as the whole numbers that features sum: one multiplication of doubles, then rounding, half to even."""

import numpy as np


def cents(price):
    """Prices in hundredths of the currency; NaN is null."""
    return np.rint(price * 100)


def milliseconds(seconds):
    """Durations in milliseconds; NaN is null."""
    return np.rint(seconds * 1000)
