"""No feature sees the future: what happens at or after t changes nothing that is known at t."""

import pytest
from features.histories import CATALOGUES, STEPS, events, features_of, histories, microseconds, write_log
from features.online import features_of as features_in_memory
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.schema import DECISION_TYPES

USERS = ("u1", "u2", "u10")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("future")


def futures(moment):
    """Other events at and after `moment`."""
    event = st.builds(lambda e, step: {**e, "timestamp": moment + step}, events(USERS), STEPS)
    return st.lists(event, max_size=12)


def up_to(table, moment):
    """The rows up to `moment`, without the names that count rows of the whole log."""
    rows = [row for row in table.to_pylist() if microseconds(row["timestamp"]) <= moment]
    return [{name: value for name, value in row.items() if name != "example_id"} for row in rows]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(data=st.data(), log=histories(most=20), items=CATALOGUES)
def test_adding_removing_and_changing_events_from_t_on_changes_no_row_up_to_t(data, log, items, folder):
    moment = data.draw(st.sampled_from([e["timestamp"] for e in log]))
    decided = [e for e in log if e["timestamp"] == moment and e["event_type"] in DECISION_TYPES]
    # A view at t itself would be one more decision point at t: the next test has those.
    future = [e for e in data.draw(futures(moment)) if e["timestamp"] > moment or e["event_type"] not in DECISION_TYPES]
    write_log(log, items, folder)
    before = up_to(features_of(folder), moment)
    write_log([e for e in log if e["timestamp"] < moment] + decided + future, items, folder)
    assert up_to(features_of(folder), moment) == before


@settings(max_examples=80, deadline=None)
@given(data=st.data(), log=histories(most=20, users=USERS), items=CATALOGUES)
def test_a_decision_at_t_knows_nothing_of_what_happens_at_t(data, log, items):
    moment = data.draw(st.sampled_from([e["timestamp"] for e in log]))
    decision = {**data.draw(events(("u1",))), "event_type": "view", "timestamp": moment}
    past = [e for e in log if e["timestamp"] < moment]
    known = features_in_memory(past, items, [decision])
    assert features_in_memory(log, items, [decision]) == known
    assert features_in_memory(past + data.draw(futures(moment)), items, [decision]) == known
