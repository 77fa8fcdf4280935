"""The ledger of an ingest: what became of every row. No row may be lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from willbuy.ingest.errors import IngestError


class Remark(NamedTuple):
    """What is odd about a row that is used all the same; `rows` have the same oddity."""

    reason: str
    file: str
    line: int | None
    text: str | None
    rows: int


class FileRows(NamedTuple):
    """What became of the rows of one file; `first` and `last` are the times of those that are used."""

    file: str
    rows: int
    events: int
    ignored: int
    quarantined: int
    first: datetime | None
    last: datetime | None
    reasons: str


@dataclass(frozen=True)
class Ledger:
    """Counts of rows. `ignored` is by the log's event type or by rule, `quarantined` by reason.

    `catalogue` counts the rows of the item file that could be used or that its `where` leaves out. `remarks` are the
    first rows of each kind that are used although something is odd about them: an unusable price is null in the event.
    `notes` are sentences about the files, `by_file` tells each of them. `unused` are columns that nothing names.
    """

    files: int
    rows: int
    events: int
    quarantined: Mapping[str, int]
    ignored: Mapping[str, int]
    catalogue: int = 0
    remarks: tuple[Remark, ...] = ()
    notes: tuple[str, ...] = ()
    by_file: tuple[FileRows, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def remarked(self) -> dict[str, int]:
        """Rows by what is odd about them."""
        return {remark.reason: remark.rows for remark in self.remarks}

    @property
    def quarantined_rows(self) -> int:
        """Rows that could not be used, whatever the reason."""
        return sum(self.quarantined.values())

    @property
    def ignored_rows(self) -> int:
        """Rows that are left out on purpose, whatever the rule."""
        return sum(self.ignored.values())

    @property
    def quarantine_share(self) -> float:
        """Quarantined rows over all rows; 0 of a log without rows."""
        return self.quarantined_rows / self.rows if self.rows else 0.0

    def check(self) -> None:
        """Raise AssertionError unless rows = events + quarantined + ignored + catalogue."""
        accounted = self.events + self.quarantined_rows + self.ignored_rows + self.catalogue
        if accounted != self.rows:
            raise AssertionError(f"{self.rows} rows were read, but {accounted} are accounted for: {self}")

    def reasons(self) -> str:
        """The quarantine by reason, the commonest first, as one line."""
        return listed(self.quarantined)

    def oddities(self) -> str:
        """What is odd about rows that are used, and the notes on files, as one line; empty if nothing is."""
        return "; ".join(filter(None, [listed(self.remarked), *self.notes]))


class Refused(IngestError):
    """The log was read, and nothing can be made of it; `ledger` says what became of its rows."""

    def __init__(self, problem: str, ledger: Ledger) -> None:
        super().__init__(problem)
        self.ledger = ledger


class TooMuchQuarantined(Refused):
    """More of the log was quarantined than `max_quarantine_share` allows."""


def listed(counts: Mapping[str, int], most: int = 50) -> str:
    """Counts as one line, the highest first, not more than `most` of them."""
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {count}" for name, count in common[:most])


def require_use(ledger: Ledger, max_share: float, first_of_each: str) -> None:
    """Raise TooMuchQuarantined above `max_share`, and IngestError for a log without events.

    `first_of_each` shows the first row of each reason.
    """
    if ledger.quarantine_share > max_share:
        raise TooMuchQuarantined(
            f"{ledger.quarantined_rows} of {ledger.rows} rows ({ledger.quarantine_share:.1%}) are in quarantine, more "
            f"than max_quarantine_share = {max_share}: {ledger.reasons()}. First of each: {first_of_each}. Correct the "
            "mapping or the log, or allow more; quarantine.parquet has every row",
            ledger,
        )
    if ledger.rows == 0:
        raise Refused("the log has no rows, at most a header", ledger)
    if ledger.events == 0:
        raise Refused(
            f"no event is left of {ledger.rows} rows; in quarantine: {ledger.reasons() or 'none'}; "
            f"ignored: {listed(ledger.ignored) or 'none'}",
            ledger,
        )
