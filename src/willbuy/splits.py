"""Decision points, their labels, and the split by time with a purge of one horizon before each boundary."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from willbuy.clock import DAY_US, EPOCH, MICROSECOND, at, minutes_us
from willbuy.database import connect, copy_to_parquet, exactly
from willbuy.schema import DECISION_TYPES, PURCHASE

SPLITS = ("train", "validation", "test")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class LogTooShort(ValueError):
    """The log holds too few days for its splits and horizon; the message says which numbers would do."""


@dataclass(frozen=True)
class Period:
    """One split: decision points in [start, last_decision], so that every label window ends before `end`."""

    name: str
    start: datetime
    end: datetime
    last_decision: datetime

    @classmethod
    def purged(cls, name: str, start: datetime, end: datetime, horizon_days: int) -> "Period":
        """The decision points from `start` on whose label windows end before `end`: a horizon before it is purged."""
        return cls(name, start, end, end - timedelta(days=horizon_days) - MICROSECOND)


def split_lengths(number: int, train_share: float, validation_share: float) -> tuple[int, int, int]:
    """How many of `number` days, or hours, go to train, validation and test; they sum to `number`."""
    train = round(train_share * number)
    validation = round((train_share + validation_share) * number) - train
    return train, validation, number - train - validation


def shortest_log(horizon_days: int, train_share: float, validation_share: float) -> int:
    """The fewest whole days that can be split.

    Raises ValueError where no length would do, because a share is 0 or the shares leave nothing for test.
    """
    if min(train_share, validation_share, 1 - train_share - validation_share) <= 0:
        shares = f"train_share {train_share} and validation_share {validation_share}"
        raise ValueError(f"{shares} leave a split without days")
    asked = (horizon_days, train_share, validation_share)
    return next(n for n in count(1) if _starts(EPOCH, EPOCH + n * DAY - MICROSECOND, *asked))


def split_periods(
    first: datetime, last: datetime, horizon_days: int, train_share: float, validation_share: float
) -> tuple[Period, ...]:
    """The three periods of a log whose first and last events are at `first` and `last` (UTC).

    Boundaries are midnights, where every split of whole days is longer than the horizon. Else they are whole hours: the
    shares are then those of the hours that three horizons leave, and each split is a horizon longer. The log is
    observed up to `last`, so test ends there. Raises LogTooShort where a split gets no such hour.
    """
    starts = _starts(first, last, horizon_days, train_share, validation_share)
    if not starts:
        raise LogTooShort(_too_short(first, last, horizon_days, train_share, validation_share))
    ends = [*starts[1:], last + MICROSECOND]
    return tuple(Period.purged(n, s, e, horizon_days) for n, s, e in zip(SPLITS, starts, ends, strict=True))


def touched(first: datetime, last: datetime, step: timedelta) -> tuple[datetime, int]:
    """The day or hour (UTC), by `step`, in which `first` lies, and how many of them the log touches up to `last`."""
    start = first - (first - EPOCH) % step
    return start, (last - start) // step + 1


def _starts(first: datetime, last: datetime, horizon_days: int, *shares: float) -> list[datetime]:
    """When each split begins; empty where one would get no hour of decision points."""
    for step, kept in ((DAY, 0), (HOUR, 24 * horizon_days)):
        start, number = touched(first, last, step)
        lengths = [kept + n for n in split_lengths(number - 3 * kept, *shares)]
        if min(lengths) * step > horizon_days * DAY:
            return [start + sum(lengths[:n]) * step for n in range(3)]
    return []


def _too_short(first: datetime, last: datetime, horizon_days: int, *shares: float) -> str:
    enough = [f"at least {shortest_log(horizon_days, *shares)} full days"]
    enough += [f"horizon_days = {h}" for h in range(horizon_days - 1, 0, -1) if _starts(first, last, h, *shares)][:1]
    return (
        f"the log spans {touched(first, last, DAY)[1]} day(s), {touched(first, last, HOUR)[1]} hour(s) of them; with "
        f"horizon_days = {horizon_days}, train_share = {shares[0]} and validation_share = {shares[1]} "
        f"it takes {' or '.join(enough)}"
    )


# The first purchase strictly after t + lead decides: with a lead of 0, a purchase at exactly t is in neither features
# nor label.
LABELLED = f"""
WITH events AS (SELECT * FROM read_parquet($sessions, numbered := true)),
decisions AS (
    SELECT * FROM events
    WHERE event_type IN {DECISION_TYPES} AND timestamp BETWEEN $start AND $last_decision
),
purchases AS (
    SELECT user_id, item_id, timestamp FROM events
    WHERE event_type = '{PURCHASE}' AND timestamp >= $start AND timestamp < $end
)
SELECT
    'e' || d.file_row_number AS example_id, d.user_id, d.item_id, d.timestamp, d.session_id, d.event_type,
    coalesce(epoch_us(p.timestamp) - epoch_us(d.timestamp) <= $horizon, false)::TINYINT AS label,
    d.* EXCLUDE (
        user_id, item_id, timestamp, session_id, event_type, price, duration_seconds, session_start, file_row_number
    ) -- which leaves the contexts
FROM decisions d ASOF LEFT JOIN purchases p
    ON d.user_id = p.user_id AND d.item_id = p.item_id AND d.timestamp + to_microseconds($lead) < p.timestamp
ORDER BY d.file_row_number
"""


def split(
    sessions_path: str | Path,
    decisions_dir: str | Path,
    horizon_days: int,
    train_share: float,
    validation_share: float,
    min_lead_minutes: float = 0,
) -> tuple[Period, ...]:
    """Write `train.parquet`, `validation.parquet` and `test.parquet` into `decisions_dir`; return their periods.

    A label is 1 if the user buys the item in (t + lead, t + horizon]; a purchase within the lead does not count.
    A decision point whose label window would reach its split's end is purged: it is in no file.
    Rows keep the order of `sessions.parquet`. Raises LogTooShort before anything is written.
    """
    decisions_dir, window = Path(decisions_dir), (horizon_days, min_lead_minutes)
    with connect(decisions_dir) as connection:
        periods = split_periods(*_span(connection, sessions_path), horizon_days, train_share, validation_share)
        for period in periods:
            _label(connection, sessions_path, decisions_dir / f"{period.name}.parquet", period, *window)
    return periods


def label_all(
    sessions_path: str | Path, decisions_path: str | Path, horizon_days: int, min_lead_minutes: float = 0
) -> tuple[datetime, datetime]:
    """Write every decision point whose label window the log covers; return the times of the first and last event.

    A row is the same as in `split`. Raises LogTooShort where the log holds no events.
    """
    with connect(Path(decisions_path).parent) as connection:
        first, last = _span(connection, sessions_path)
        period = Period.purged("all", first, last + MICROSECOND, horizon_days)
        _label(connection, sessions_path, decisions_path, period, horizon_days, min_lead_minutes)
    return first, last


def _label(connection, sessions_path, decisions_path, period: Period, horizon_days: int, min_lead_minutes: float):
    values = {
        "sessions": sessions_path,
        "start": period.start,
        "end": period.end,
        "last_decision": period.last_decision,
        "lead": minutes_us(min_lead_minutes),
        "horizon": horizon_days * DAY_US,
    }
    copy_to_parquet(connection, LABELLED, decisions_path, values)


def _span(connection, sessions_path: str | Path) -> tuple[datetime, datetime]:
    query = "SELECT epoch_us(min(timestamp)), epoch_us(max(timestamp)) FROM read_parquet($sessions)"
    first, last = connection.execute(query, {"sessions": exactly(sessions_path)}).fetchone()
    if first is None:
        raise LogTooShort(f"{sessions_path} holds no events")
    return at(first), at(last)
