"""A real log's way through the whole DAG: a log without header, prices, sessions and durations, by a mapping alone."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from project import Project, ran

from willbuy import schema

pytestmark = pytest.mark.slow

MAPPING = """
names: [user, item, category, behaviour, time]
columns: {user_id: user, item_id: item, event_type: behaviour, timestamp: time, category: category}
event_types: {pv: view, cart: add_to_cart, buy: purchase}
ignore: [scroll, uncart]
timestamp: unix_milliseconds
"""
CODES = {"view": "pv", "add_to_cart": "cart", "purchase": "buy", "scroll": "scroll", "remove_from_cart": "uncart"}


def parameters(root: Path) -> list[str]:
    log = {
        "source": "ingest",
        "log": root / "log.csv",
        "log_format": root / "mapping.yaml",
        "products": "products/real",
    }
    return [part for name, value in log.items() for part in (f"--env--{name}", str(value))]


def write_log(project: Project, days: int) -> None:
    """The sample shop's log as another shop would write it; only its first `days`."""
    items = pq.read_table(project.products / "items.parquet", columns=["item_id", "category"]).to_pydict()
    categories = dict(zip(*items.values(), strict=True))
    events = pq.read_table(project.products / "events.parquet").to_pylist()
    last = events[0]["timestamp"].timestamp() + 86_400 * days
    rows = (
        f"{e['user_id']},{e['item_id']},{categories[e['item_id']]},{CODES[e['event_type']]},"
        f"{round(1000 * e['timestamp'].timestamp())}\n"
        for e in events
        if e["timestamp"].timestamp() < last
    )
    project.path("log.csv").write_text("".join(rows) + "u1,i1,c1,pv,170\nu1,i1\n")
    project.path("mapping.yaml").write_text(MAPPING)


@pytest.fixture(scope="module")
def built(sample, tmp_path_factory) -> Project:
    root = tmp_path_factory.mktemp("real") / "project"
    shutil.copytree(sample.root, root)
    project = Project(root)
    write_log(project, days=1000)
    project.build(*parameters(root), check=True)
    return project


@pytest.fixture(scope="module")
def products(built) -> Path:
    return built.path("products/real")


@pytest.mark.parametrize(
    ("name", "table"), [("events", schema.EVENTS), ("items", schema.ITEMS), ("users", schema.USERS)]
)
def test_the_tables_keep_their_contracts(products, name, table):
    assert schema.check(products / f"{name}.parquet", table) > 0


def test_every_report_is_there_and_no_truth(products):
    tasks = ("ingest", "sessionize", "split", "featurize", "train", "evaluate")
    found = {path.name for path in (products / "reports").glob("[a-z]*")}
    assert found == {f"{task}.{end}" for task in tasks for end in ("ipynb", "html")} | {"index.html"}
    assert not (products / "truth.parquet").exists()


def acts(events) -> list[tuple]:
    return sorted((e["user_id"], e["item_id"], e["event_type"]) for e in events)


def test_the_events_are_those_of_the_shop(sample, products):
    kept = ("view", "add_to_cart", "purchase")
    written = pq.read_table(sample.products / "events.parquet").to_pylist()
    found = pq.read_table(products / "events.parquet").to_pylist()
    assert acts(found) == acts(e for e in written if e["event_type"] in kept)
    assert {e["price"] for e in found} == {None} and {e["duration_seconds"] for e in found} == {None}


def test_broken_rows_are_quarantined(products):
    rows = pq.read_table(products / "quarantine.parquet", columns=["reason", "text"]).to_pylist()
    assert [(row["reason"], row["text"]) for row in rows] == [("implausible time", "170"), ("truncated line", "u1,i1")]


def test_a_model_is_judged_without_a_ceiling(products):
    models = json.loads((products / "metrics.json").read_text())["models"]
    assert "XGBoost" in models and not any("ceiling" in name.lower() for name in models)
    assert models["XGBoost"]["pr_auc"]["value"] > models["dummy"]["pr_auc"]["value"]


def test_what_the_log_never_says_is_left_out_of_the_model(products):
    current = json.loads((products / "models/current.json").read_text())
    card = json.loads((products / "models" / current["version"] / "model.json").read_text())
    names = {feature["name"] for feature in card["features"]}
    assert "view_count_7d" in names and not names & {"item_price", "item_base_price", "item_discount_pct"}


def test_another_log_of_that_name_runs_again_and_a_short_one_is_refused(built):
    assert ran(built.build(*parameters(built.root))) == []
    write_log(built, days=5)
    build = built.build(*parameters(built.root))
    assert build.returncode != 0
    assert "ingest stopped. " in build.stdout and "too short to train on" in build.stdout and "at least" in build.stdout
    report = built.path("products/real/reports/ingest.html").read_text()
    assert "It stopped:" in report and "too short to train on" in report and "What became of every row" in report
