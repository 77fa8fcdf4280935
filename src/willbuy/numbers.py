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
        return bracketed(number(value), number(low), number(high))
    least = 3 if max(abs(value), abs(low), abs(high)) <= 1 else 0
    decimals = max(1 - _magnitude(high - low), least)
    return bracketed(*(f"{each:,.{decimals}f}" for each in (value, low, high)))


def bracketed(value: str, low: str, high: str) -> str:
    """`value` [`low`, `high`] of texts. The space does not break: in a narrow table the interval moves down whole."""
    return f"{value} [{low},\N{NO-BREAK SPACE}{high}]"


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0
