"""A log in buckets of whole users, with the decision points of the same users beside them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from willbuy.files import ROW_GROUP

EVENT_COLUMNS = ["user_id", "item_id", "event_type", "timestamp", "price", "duration_seconds"]
CODED = ["user_id", "item_id", "event_type"]


@dataclass(frozen=True)
class Bucket:
    """All events of a run of users, and all their decision points, a table for each file of them."""

    events: pa.Table
    decisions: list[pa.Table]


def read_buckets(
    sessions_path: str | Path, decisions_paths: Sequence[str | Path], bucket_events: int
) -> Iterator[Bucket]:
    """Read all files once, front to back, about `bucket_events` events of whole users at a time.

    All are sorted by user_id. A user with more events than that is one bucket. Buckets without decision points are
    skipped. Raises ValueError if decision points are left whose user is not in the log, or the order is broken.
    """
    sessions = _Reader(sessions_path, EVENT_COLUMNS)
    decisions = [_Reader(path, None) for path in decisions_paths]
    while len(events := sessions.take_whole_users(bucket_events)):
        last = events["user_id"][-1].as_py()
        chosen = [reader.take_until(last) for reader in decisions]
        if any(map(len, chosen)):
            yield Bucket(events, chosen)
    for path, reader in zip(decisions_paths, decisions, strict=True):
        if len(left := reader.take_whole_users(1)):
            raise ValueError(
                f"{path}: user {left['user_id'][0]} is not in {sessions_path}, or the files are not "
                "sorted by user_id; run sessionize and split again"
            )


class _Reader:
    """A parquet file sorted by user_id, read forward; `rest` holds what was read and not yet taken."""

    def __init__(self, path: str | Path, columns: list[str] | None):
        self.file = pq.ParquetFile(path, read_dictionary=CODED)
        self.batches = self.file.iter_batches(ROW_GROUP, columns=columns, use_threads=False)
        schema = self.file.schema_arrow
        self.rest = pa.schema([schema.field(n) for n in columns or schema.names]).empty_table()

    def take_whole_users(self, rows: int) -> pa.Table:
        """At least `rows` rows, to the end of a user's; or all that is left."""
        while len(self.rest) <= rows or self._rows_before_last_user() < rows:
            if not self._read():
                return self._cut(len(self.rest))
        return self._cut(self._rows_before_last_user())

    def take_until(self, user: str) -> pa.Table:
        """All rows up to the last one of `user`, in the byte order of ids."""
        while (not len(self.rest) or self.rest["user_id"][-1].as_py() <= user) and self._read():
            pass
        return self._cut(bisect_right(self._rows(), user, key=self._user))

    def _rows_before_last_user(self) -> int:
        return bisect_left(self._rows(), self._user(-1), key=self._user)

    def _rows(self) -> range:
        return range(len(self.rest))

    def _user(self, row: int) -> str:
        return self.rest["user_id"][row].as_py()

    def _read(self) -> bool:
        batch = next(self.batches, None)
        if batch is not None:
            self.rest = pa.concat_tables([self.rest, pa.Table.from_batches([batch])])
        return batch is not None

    def _cut(self, rows: int) -> pa.Table:
        taken, self.rest = self.rest.slice(0, rows), self.rest.slice(rows)
        return taken
