"""Decision points, their labels, and the split by date with a purge of one horizon before each boundary."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path

from willbuy.clock import DAY_US, MICROSECOND, at, minutes_us
from willbuy.database import connect, copy_to_parquet, exactly
from willbuy.schema import DECISION_TYPES, PURCHASE

SPLITS = ("train", "validation", "test")


class LogTooShort(ValueError):
    """The log holds too few days for its splits and horizon; the message says how many would do."""


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


def split_days(days: int, train_share: float, validation_share: float) -> tuple[int, int, int]:
    """How many whole days go to train, validation and test; they sum to `days`."""
    train = round(train_share * days)
    validation = round((train_share + validation_share) * days) - train
    return train, validation, days - train - validation


def shortest_log(horizon_days: int, train_share: float, validation_share: float) -> int:
    """The fewest days with which every split is longer than the horizon.

    Raises ValueError where no length would do, because a share is 0 or the shares leave nothing for test.
    """
    if min(train_share, validation_share, 1 - train_share - validation_share) <= 0:
        shares = f"train_share {train_share} and validation_share {validation_share}"
        raise ValueError(f"{shares} leave a split without days")
    return next(n for n in count(1) if min(split_days(n, train_share, validation_share)) > horizon_days)


def split_periods(
    first: datetime, last: datetime, horizon_days: int, train_share: float, validation_share: float
) -> tuple[Period, ...]:
    """The three periods of a log whose first and last events are at `first` and `last` (UTC).

    Boundaries are midnights. The log is observed up to `last`, so test ends there.
    Raises LogTooShort where a split would not be longer than the horizon.
    """
    midnight, days = days_of_log(first, last)
    lengths = split_days(days, train_share, validation_share)
    if min(lengths) <= horizon_days:
        raise LogTooShort(_too_short(days, lengths, horizon_days, train_share, validation_share))
    edges = [midnight + timedelta(days=n) for n in (0, lengths[0], lengths[0] + lengths[1])]
    ends = [*edges[1:], last + MICROSECOND]
    return tuple(Period.purged(n, s, e, horizon_days) for n, s, e in zip(SPLITS, edges, ends, strict=True))


def days_of_log(first: datetime, last: datetime) -> tuple[datetime, int]:
    """The midnight (UTC) before the first event, and how many days the log touches from there."""
    midnight = datetime.combine(first.astimezone(UTC), time(), UTC)
    return midnight, (last.astimezone(UTC).date() - midnight.date()).days + 1


def _too_short(days, lengths, horizon_days, train_share, validation_share) -> str:
    least = shortest_log(horizon_days, train_share, validation_share)
    found = ", ".join(f"{name} {n}" for name, n in zip(SPLITS, lengths, strict=True))
    return (
        f"the log spans {days} day(s), which gives {found}; with horizon_days = {horizon_days}, "
        f"train_share = {train_share} and validation_share = {validation_share} it takes at least {least} days"
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
    coalesce(epoch_us(p.timestamp) - epoch_us(d.timestamp) <= $horizon, false)::TINYINT AS label
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
