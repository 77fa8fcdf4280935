"""Does the server say what the pipeline said? Replay the log of a build against the app, and compare every number.

python benchmarks/parity.py [DAYS]

Loads what happened before the last DAYS (7) days of test into an empty store, sends the rest as a shop would, and asks
at every decision point as soon as everything before it has arrived. Needs a build (`make build`, or WILLBUY_PRODUCTS).
WILLBUY_STORE names the store, which must be empty; a temporary file if not.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm import tqdm

from app import create_app, logs
from app.online.warm import load_events, load_items
from willbuy.features.context import known_in
from willbuy.files import write_table
from willbuy.schema import CONTEXT, EVENTS, contexts

BATCH = 1000
JSON = "application/json"


def main() -> None:
    """Replay, compare, print."""
    products = Path(os.environ.get("WILLBUY_PRODUCTS", "products"))
    days = float(sys.argv[1]) if len(sys.argv) > 1 else 7
    logs.STDERR = os.open(os.devnull, os.O_WRONLY)  # a line for every request would hide the progress
    with tempfile.TemporaryDirectory() as folder:
        store = os.environ.get("WILLBUY_STORE") or f"{folder}/online.sqlite"
        settings = {"WILLBUY_PRODUCTS": str(products), "WILLBUY_STATE": f"{folder}/state", "WILLBUY_STORE": store}
        app = create_app(settings)
        rows, unequal = replay(app, products, timedelta(days=days), Path(folder))
    values = rows * (len(known_in(products / "features" / "test.parquet")) + 1)
    print(f"{rows:,} decision points, {values:,} values compared, {unequal.total():,} unequal")
    for name, count in unequal.most_common():
        print(f"{name:36} {count:10,}")
    sys.exit(bool(unequal) or not rows)


def replay(app, products: Path, span: timedelta, folder: Path) -> tuple[int, Counter]:
    """How many decision points of the last `span` of test were compared, and unequal values by feature."""
    expected = _expected(products, span)
    events, start = pq.read_table(products / "events.parquet"), expected["timestamp"][0].as_py()
    before = pc.less(events["timestamp"], start)
    write_table(events.filter(before), folder / "before.parquet")
    load_items(app.online, products / "items.parquet")
    load_events(app.online, folder / "before.parquet", app.champion.gap_us)
    client, unequal = app.test_client(), Counter()
    with tqdm(total=len(expected), unit=" rows", unit_scale=True) as progress:
        for batch, due in _steps(events.filter(pc.invert(before)), expected):
            _post(client, "/events", {"events": [_event(row) for row in batch.to_pylist()]})
            for first in range(0, len(due), BATCH):
                unequal += _compared(client, due.slice(first, BATCH).to_pylist())
            progress.update(len(due))
    return len(expected), unequal


def _expected(products: Path, span: timedelta) -> pa.Table:
    """Features and probabilities of the last `span` of test, in time."""
    table = pq.read_table(products / "features" / "test.parquet")
    predictions = pq.read_table(products / "predictions.parquet", columns=["example_id", "probability"])
    if not table["example_id"].equals(predictions["example_id"]):
        raise SystemExit(f"{products}: predictions.parquet and features/test.parquet are of different builds")
    table = table.append_column("probability", predictions["probability"])
    since = pc.max(table["timestamp"]).as_py() - span
    return table.filter(pc.greater_equal(table["timestamp"], since)).sort_by("timestamp")


def _steps(events: pa.Table, expected: pa.Table) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Events BATCH by BATCH, each with the decision points that everything before them has arrived for."""
    times, asked = events["timestamp"], 0
    for first in range(0, len(events), BATCH):
        last = first + BATCH
        until = len(expected)
        if last < len(events):
            until = pc.sum(pc.less_equal(expected["timestamp"], times[last])).as_py()
        yield events.slice(first, BATCH), expected.slice(asked, until - asked)
        asked = until
        if asked == len(expected):
            return


def _event(row: dict) -> dict:
    told = {name: value for name, value in row.items() if value is not None and name in EVENTS.arrow.names}
    return told | _context(row)


def _context(row: dict) -> dict:
    found = {name.removeprefix(CONTEXT): row[name] for name in contexts(row)}
    return {"context": found} if found else {}


def _compared(client, rows: list[dict]) -> Counter:
    asked = [
        {name: row[name] for name in ("user_id", "item_id", "event_type", "timestamp")}
        | {"price": row["item_price"]}
        | _context(row)
        for row in rows
    ]
    answers = _post(client, "/predict", {"features": asked, "return_features": True})["predictions"]
    unequal = Counter()
    for row, answer in zip(rows, answers, strict=True):
        unequal["probability"] += answer["probability"] != row["probability"]
        unequal.update(name for name, value in answer["features"].items() if value != row[name])
    return +unequal


def _post(client, path: str, body: dict) -> dict:
    answer = client.post(path, data=msgspec.json.encode(body), content_type=JSON)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code} {answer.get_data(as_text=True)[:1000]}")
    return msgspec.json.decode(answer.data)


if __name__ == "__main__":
    main()
