"""A small shop's log, written by a test as bytes, ingested, and looked at as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from willbuy.ingest import Ledger, ingest

MAPPING = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when, price: price}
event_types: {view: view, buy: purchase}
timestamp: iso8601
"""
HEADER = "user,item,kind,when,price\n"


def lines(count: int, first: int = 0) -> str:
    """`count` rows of HEADER's columns, all different."""
    return "".join(
        f"u{n % 7},i{n % 5},{'view' if n % 4 else 'buy'},2024-01-{1 + n % 28:02}T{n % 24:02}:00:{n % 60:02}Z,{n}.5\n"
        for n in range(first, first + count)
    )


@dataclass
class Bench:
    """A folder with a log, its mapping and what came out."""

    folder: Path

    def write(self, data: str | bytes | pa.Table, name: str = "log.csv") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, pa.Table):
            pq.write_table(data, path)
        else:
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def ingest(self, data, mapping: str = MAPPING, name: str = "log.csv", **options) -> Ledger:
        """Ingest one file of `data`; quarantine is let through unless a test says otherwise."""
        return self.read(self.write(data, name), mapping, **options)

    def read(self, log, mapping: str, **options) -> Ledger:
        self.write(mapping, "mapping.yaml")
        return ingest(log, self.folder / "mapping.yaml", self.out, **{"max_quarantine_share": 1.0, **options})

    def times(self, written: list[str], clock: str = "iso8601", also: str = "") -> list[datetime | None]:
        """The times of events whose time is written so; None for one that cannot be used."""
        data = HEADER + "".join(f'u,i{n},view,"{text}",1\n' for n, text in enumerate(written))
        self.ingest(data, MAPPING.replace("iso8601", clock) + also)
        found = dict(self.values("events", "item_id", "timestamp"))
        return [found.get(f"i{n}") for n in range(len(written))]

    @property
    def out(self) -> Path:
        return self.folder / "products"

    def table(self, name: str) -> list[dict]:
        return pq.read_table(self.out / f"{name}.parquet").to_pylist()

    def values(self, table: str, *columns: str) -> list:
        """Rows of a table as tuples of `columns`; plain values if there is only one."""
        rows = [tuple(row[c] for c in columns) for row in self.table(table)]
        return [row[0] for row in rows] if len(columns) == 1 else rows


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def header() -> str:
    return HEADER


@pytest.fixture(scope="session")
def rows():
    return lines


@pytest.fixture(scope="session")
def mapping() -> str:
    return MAPPING
