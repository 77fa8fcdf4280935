"""Times that a request names, as microseconds since 1970."""

from datetime import UTC, datetime

from app.http.errors import Problem, invalid
from willbuy.clock import microseconds

FIRST_YEAR, LAST_YEAR = 1900, 2199
ALLOWED = f"a time with its zone, of the years {FIRST_YEAR} to {LAST_YEAR}"
_FIRST, _END = (microseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (FIRST_YEAR, LAST_YEAR + 1))


def time_of(said: datetime, field: str, row: int | None = None) -> int:
    """The time that `field` says. Raises ApiError 422 for one so far away that a window would leave the calendar."""
    try:
        time = microseconds(said)
    except OverflowError:  # its zone leads out of the calendar
        time = _END
    if not _FIRST <= time < _END:
        raise invalid([Problem(row, field, f"it is {said.isoformat()}", ALLOWED)])
    return time
