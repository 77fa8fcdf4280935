"""Numbers as people read them: as many digits as they bear, thousands apart."""

import math


def number(value: float, digits: int = 3) -> str:
    """`value` with that many significant digits, and never less than its whole part: 0.0217, 3.9, 10,721."""
    if not math.isfinite(value):
        return "–"
    decimals = digits - 1 - _magnitude(value)
    if value and decimals > digits + 3:  # too small to write out
        return f"{value:.{digits - 1}e}"
    text = f"{value:,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(value: float, low: float, high: float) -> str:
    """`value` [`low`, `high`], all to the digit that the width of the interval bears: 0.375 [0.361, 0.389].

    Shares and probabilities have three decimals at least.
    """
    if not (math.isfinite(low) and math.isfinite(high) and high - low > 1e-4 * max(abs(low), abs(high))):
        return f"{number(value)} [{number(low)},\N{NO-BREAK SPACE}{number(high)}]"
    least = 3 if max(abs(value), abs(low), abs(high)) <= 1 else 0
    decimals = max(1 - _magnitude(high - low), least)
    value_, low_, high_ = (f"{each:,.{decimals}f}" for each in (value, low, high))
    # A space that does not break: where a table is narrow, the interval goes to the next line whole.
    return f"{value_} [{low_},\N{NO-BREAK SPACE}{high_}]"


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0
