"""docs/ingest.md says everything that a mapping can say, and its examples hold."""

import re
from pathlib import Path

import pytest

from willbuy.ingest.judging.far import FAR
from willbuy.ingest.judging.faults import faults
from willbuy.ingest.judging.remarks import remarks
from willbuy.ingest.judging.resent import RESENT
from willbuy.ingest.judging.robots import EVENTS_A_DAY, EVENTS_AN_HOUR
from willbuy.ingest.mapping.layout import ItemColumns, LogColumns, LogLayout
from willbuy.ingest.mapping.mapping import built_in, parse
from willbuy.ingest.reading.delimited import HEADER, OTHER_HEADER
from willbuy.ingest.reading.json_lines import NESTED, NO_OBJECT
from willbuy.ingest.reading.scan import PROBLEMS
from willbuy.ingest.writing.quarantine import DUPLICATE

DOCS = (Path(__file__).parents[2] / "docs/ingest.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


@pytest.mark.parametrize("key", [*LogLayout.model_fields, "files", "items"])
def test_every_key_has_its_paragraph(key):
    assert re.search(rf"^\*\*`{key}`\*\*", DOCS, re.MULTILINE)


@pytest.mark.parametrize("name", [*LogColumns.model_fields, *ItemColumns.model_fields, *built_in()])
def test_every_column_and_format_is_named(name):
    assert f"`{name}`" in DOCS


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_mapping_that_holds(example):
    if example.startswith("items:"):
        example += "columns: {user_id: u, item_id: i, timestamp: t}\ntimestamp: iso8601\nevent_type: view\n"
    assert parse(example, "docs/ingest.md").layouts


def test_every_reason_is_explained():
    every = "columns: {user_id: u, item_id: i, timestamp: t, event_type: e, price: p, duration_seconds: d}\n"
    layout = parse(
        every + "event_types: {v: view}\ntimestamp: iso8601\nbetween: [2024-01-01, 2024-02-01]\n", "x"
    ).layouts["*"]
    reasons = {*filter(None, PROBLEMS), DUPLICATE, NO_OBJECT, NESTED, HEADER, OTHER_HEADER, FAR, RESENT}
    found = {fault.reason for fault in [*faults(layout), *remarks(layout)]} | reasons
    assert len(found) == 26
    assert [reason for reason in found if reason not in " ".join(DOCS.split())] == []


def test_the_robots_of_the_docs_are_those_of_the_code():
    assert f"more than {EVENTS_AN_HOUR} events in a clock hour or more than {EVENTS_A_DAY:,} on one day" in DOCS


def test_the_log_without_a_header_can_be_read_from_its_mapping(bench):
    rows = [f"{n % 9},{n % 5},{n % 3},{'pv' if n % 3 else 'buy'},{1511600000 + 600 * n}\n" for n in range(60)]
    ledger = bench.ingest("".join(rows) + "1,2,3,fav,1511600000\n1,2,3,pv,1500000000\n", EXAMPLES[0])
    assert (ledger.events, ledger.ignored) == (60, {"fav": 1, "(outside of between)": 1})
    assert ledger.quarantined == {}
    assert bench.values("events", "user_id", "item_id", "price")[0] == ("0", "0", None)
    assert set(bench.values("items", "category")) == {"0", "1", "2"}
