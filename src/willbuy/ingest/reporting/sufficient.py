"""Does a log hold enough to train a model and to evaluate it?"""

from pathlib import Path

from willbuy.clock import at
from willbuy.database import query
from willbuy.ingest.errors import about
from willbuy.ingest.writing.ledger import listed
from willbuy.schema import CART, DECISION_TYPES, PURCHASE, VIEW
from willbuy.splits import LogTooShort, Period, split_periods

EXTENT = """
SELECT event_type, count(*) AS events, min(epoch_us(timestamp)) AS first, max(epoch_us(timestamp)) AS last
FROM read_parquet($events) GROUP BY event_type
"""

WITHIN = f"""
SELECT count(*) FILTER (event_type IN {DECISION_TYPES} AND timestamp <= $last_decision) AS decisions,
    count(*) FILTER (event_type = '{PURCHASE}') AS purchases
FROM read_parquet($events) WHERE timestamp >= $start AND timestamp < $end
"""


def require_trainable(
    events_path: str | Path, horizon_days: int, train_share: float, validation_share: float
) -> tuple[Period, ...]:
    """The three splits of the log at `events_path`.

    Raises LogTooShort, with the numbers that would do, if a split is not longer than the horizon, and IngestError for
    a log or a split without purchases, or without views and cart additions.
    """
    extent = query(EXTENT, events=events_path).set_index("event_type")
    found = listed(extent.events.to_dict()) or "no events"
    if PURCHASE not in extent.index:
        raise about(events_path, f"no purchases, so there is nothing to predict; found: {found}")
    if not {VIEW, CART} & set(extent.index):
        raise about(events_path, f"no views and no cart additions, so there are no decision points; found: {found}")
    first, last = (at(int(us)) for us in (extent["first"].min(), extent["last"].max()))
    try:
        periods = split_periods(first, last, horizon_days, train_share, validation_share)
    except LogTooShort as error:
        span = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} (UTC)"
        raise LogTooShort(f"{events_path}: {span} is too short to train on: {error}") from None
    for period in periods:
        _require_events(events_path, period)
    return periods


def _require_events(events_path: str | Path, period: Period) -> None:
    """Raise IngestError for a split in which nothing is decided or bought: the events lie elsewhere in time."""
    span = {"start": period.start, "end": period.end, "last_decision": period.last_decision}
    decisions, purchases = query(WITHIN, events=events_path, **span).iloc[0]
    if not decisions or not purchases:
        lacking, end = ("decision points", period.last_decision) if not decisions else ("purchases", period.end)
        raise about(
            events_path,
            f"no {lacking} from {period.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}, which is {period.name}. Are the "
            "times right? `between` in the mapping cuts out the time that the log is about. Else take a shorter "
            "horizon, or other shares",
        )
