"""The features are what their words say: equal, to the bit, to a brute-force reading of the words."""

import pytest
from features.histories import CATALOGUES, GAP, features_of, histories, microseconds, write_log
from features.oracle import oracle
from hypothesis import given, settings

from willbuy.features.definitions import NAMES
from willbuy.schema import DECISION_TYPES


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("oracle")


def decisions_of(log):
    """The decision points in the order of sessions.parquet, each with the price of its own event."""
    last = float("inf")
    rows = [event for event in log if event["event_type"] in DECISION_TYPES]
    return sorted(
        rows,
        key=lambda e: (
            e["user_id"],
            e["timestamp"],
            e["item_id"],
            e["event_type"],
            *(last if e[name] is None else e[name] for name in ("price", "duration_seconds")),
        ),
    )


@settings(max_examples=50, deadline=None)
@given(log=histories(most=24), items=CATALOGUES)
def test_every_feature_equals_the_oracle_exactly(log, items, folder):
    write_log(log, items, folder)
    found = features_of(folder).to_pylist()
    decisions = decisions_of(log)
    assert [(r["user_id"], microseconds(r["timestamp"])) for r in found] == [
        (d["user_id"], d["timestamp"]) for d in decisions
    ]
    for row, decision in zip(found, decisions, strict=True):
        assert {name: row[name] for name in NAMES} == oracle(log, items, decision, GAP, NAMES)
