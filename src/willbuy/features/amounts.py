"""Amounts as the whole numbers that features sum: one multiplication of doubles, then rounding, half to even.

NaN is null. The kernel compiles these functions too.
"""

import numpy as np


def cents(price):
    """Prices in hundredths of the currency."""
    return np.rint(price * 100)


def milliseconds(seconds):
    """Durations in thousandths of a second."""
    return np.rint(seconds * 1000)


def log_millionths(amount):
    """The natural logarithm in whole millionths; null too of what is not above 0.

    Whole numbers sum to the same in any order, and rounding hides the last bits in which two machines' logarithms
    may differ.
    """
    return np.rint(1e6 * np.log(amount)) if amount > 0 else np.nan


def discount_points(cents, base_cents):
    """One discount on the base price, in hundredths of a percent; null too where the base price is 0."""
    return np.rint(10000 * (base_cents - cents) / base_cents) if base_cents != 0 else np.nan
