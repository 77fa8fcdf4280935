"""A real log, its contexts with it: what the server says of its decision points is what the pipeline says."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_model
from features.histories import examples_of, features_of, microseconds
from ingest.test_real_logs import ROOT, real
from replay import asked, fresh_store, post, predict, put, sent

from willbuy.files import write_table
from willbuy.ingest import ingest
from willbuy.models import registry
from willbuy.schema import CONTEXT, contexts
from willbuy.sessions import sessionize

pytestmark = pytest.mark.slow

VERSION = "xgboost_20240104_000000"
ASKED_ABOUT = 300


def context(row):
    """What the model of these tests reads of it."""
    return {"context": {name.removeprefix(CONTEXT): row[name] for name in small_model.CONTEXTS}}


@pytest.fixture
def table(tmp_path):
    """The features of every decision point of the merchandise store's first day."""
    mapping = (ROOT / "examples/merch_store.yaml").read_text() + "between: [2016-08-01, 2016-08-02]\n"
    (tmp_path / "mapping.yaml").write_text(mapping)
    ingest(real("merch_store_2016-08_09.csv.gz"), tmp_path / "mapping.yaml", tmp_path)
    sessionize(tmp_path / "events.parquet", tmp_path / "sessions.parquet", 30)
    carried = pq.read_table(tmp_path / "sessions.parquet")
    decides = pa.array(kind in ("view", "add_to_cart") for kind in carried["event_type"].to_pylist())
    examples = examples_of(tmp_path / "sessions.parquet")
    for name in contexts(carried.column_names):
        examples = examples.append_column(name, carried.filter(decides)[name])
    write_table(examples, tmp_path / "examples.parquet")
    return features_of(tmp_path)


def test_the_merch_store_replayed_gives_its_features_contexts_and_predictions(
    products, make_app, tmp_path, request, table
):
    small_model.save(products, VERSION, seed=4, encoding=small_model.WITH_CONTEXT)
    app = make_app()
    fresh_store(app, "embedded", request, lookback_days=30)
    client = app.test_client()
    put(client, pq.read_table(tmp_path / "items.parquet").to_pylist())
    events = pq.read_table(tmp_path / "events.parquet").to_pylist()
    for first in range(0, len(events), 1000):
        post(client, [told(event) for event in events[first : first + 1000]])
    chosen = table.take(pa.array(range(0, len(table), len(table) // ASKED_ABOUT)))
    rows = chosen.to_pylist()
    points = [{**row, "timestamp": microseconds(row["timestamp"]), "price": row["item_price"]} for row in rows]
    found = predict(client, [asked(point, **context(point)) for point in points])
    names = [*small_model.NAMES, *small_model.CONTEXTS]
    assert [answer["features"] for answer in found] == [{name: row[name] for name in names} for row in rows]
    probabilities = registry.load(products / "models" / VERSION).predict(chosen.to_pandas())
    assert [answer["probability"] for answer in found] == probabilities.tolist()
    assert len({row["context_channel"] for row in rows}) > 3


def told(event):
    plain = {name: value for name, value in event.items() if not name.startswith(CONTEXT)}
    return sent({**plain, "timestamp": microseconds(event["timestamp"])}, **context(event))
