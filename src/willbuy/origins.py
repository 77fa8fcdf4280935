"""The origins of a backtest: the midnights at which a model is trained on the past and tested on what follows.

With a horizon of h days and a log of d days:

- the first origin leaves a past of at least max(4h, a third of d) days;
- the log from there to a horizon before its end is cut into stretches of equal whole days, one an origin, each at least
  h long; days left over go to the first past;
- test holds the decision points of its stretch, and their label windows end a horizon after it;
- validation is the last sixth of the past, but at least 2h days; train is all before it;
- train and validation are purged like any split (`Period.purged`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from willbuy.clock import MICROSECOND
from willbuy.splits import DAY, LogTooShort, Period, touched

MOST = 8  # origins that are used if nobody says how many


@dataclass(frozen=True)
class Origin:
    """A time, and the periods around it: train and validation end at it or before, test begins with it."""

    train: Period
    validation: Period
    test: Period

    @property
    def time(self) -> datetime:
        """The midnight that divides what is known from what is tested."""
        return self.test.start

    def days(self) -> dict[str, str]:
        """The days of each period, its first to the midnight that ends it, by its name."""
        periods = (self.train, self.validation, self.test)
        return {period.name: f"{period.start:%m-%d} to {period.end:%m-%d}" for period in periods}


def origins(first: datetime, last: datetime, horizon_days: int, wanted: int = 0) -> tuple[Origin, ...]:
    """`wanted` origins, or as many as fit (at most MOST) if that is 0, for a log between two times (UTC).

    Raises LogTooShort where fewer than `wanted`, or none, fit.
    """
    midnight, days = touched(first, last, DAY)
    past = max(4 * horizon_days, -(-days // 3))
    possible = (days - horizon_days - past) // horizon_days
    if possible < max(wanted, 1):
        raise LogTooShort(_too_short(days, horizon_days, wanted, possible))
    number = wanted or min(possible, MOST)
    stretch = (days - horizon_days - past) // number
    places = (days - horizon_days - stretch * n for n in range(number, 0, -1))
    return tuple(_origin(midnight, place, stretch, last + MICROSECOND, horizon_days) for place in places)


def _origin(midnight: datetime, place: int, stretch: int, end: datetime, horizon_days: int) -> Origin:
    validation = max(2 * horizon_days, place // 6)
    edges = (0, place - validation, place, place + stretch + horizon_days)
    begins, stops, at, tested = (midnight + timedelta(days=n) for n in edges)
    return Origin(
        Period.purged("train", begins, stops, horizon_days),
        Period.purged("validation", stops, at, horizon_days),
        Period.purged("test", at, min(tested, end), horizon_days),
    )


def _too_short(days: int, horizon_days: int, wanted: int, possible: int) -> str:
    room = f"has room for {max(possible, 0)} origin(s) with horizon_days = {horizon_days}"
    if wanted and possible > 0:
        return f"the log spans {days} day(s) and {room}; origins = {wanted}, allowed: at most {possible}"
    least = 6 * horizon_days
    return f"the log spans {days} day(s) and {room}; a backtest takes {least}: use a longer log or a shorter horizon"
