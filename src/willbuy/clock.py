"""Time as whole microseconds since 1970, UTC: exact, and the same in tables, kernel and server."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


def microseconds(time: datetime) -> int:
    """Whole microseconds from 1970 to `time`, which has a zone."""
    return (time - EPOCH) // MICROSECOND


def at(microseconds: int) -> datetime:
    """The UTC time that many microseconds after 1970."""
    return EPOCH + microseconds * MICROSECOND


def minutes_us(minutes: float) -> int:
    """That many minutes in whole microseconds."""
    return round(minutes * MINUTE_US)
