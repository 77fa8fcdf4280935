"""Times that a request names, as microseconds since 1970."""

from datetime import datetime

from app.http.errors import Problem, invalid
from willbuy.clock import microseconds

FIRST_YEAR, LAST_YEAR = 1900, 2199
ALLOWED = f"a time with its zone, of the years {FIRST_YEAR} to {LAST_YEAR}"


def time_of(said: datetime, field: str, row: int | None = None) -> int:
    """The time that `field` says. Raises ApiError 422 for one so far away that a window would leave the calendar."""
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        raise invalid([Problem(row, field, f"it is {said.isoformat()}", ALLOWED)])
    return microseconds(said)
