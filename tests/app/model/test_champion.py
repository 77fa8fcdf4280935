import json
import os
import threading

import pytest
from small_model import FIRST, SECOND, THIRD

from app.model.champion import Champion, SwapError
from willbuy.models.pointer import POINTER, promote
from willbuy.models.versions import CARD


@pytest.fixture
def loads():
    return []


@pytest.fixture
def follow(products, loads):
    return Champion(products / "models", lambda model, problem: loads.append(model.version if model else problem))


def test_a_promotion_is_seen_at_the_next_call_and_loaded_once(follow, products, loads):
    assert follow.current().version == FIRST
    promote(products / "models", SECOND, "a test")
    assert [follow.current().version for _ in range(3)] == [SECOND] * 3
    assert loads == [FIRST, SECOND]


def test_a_swap_loads_once(follow, loads):
    follow.current()
    follow.swap(SECOND)
    assert (follow.current().version, loads) == (SECOND, [FIRST, SECOND])


def test_who_holds_a_model_keeps_it_through_a_swap(follow):
    held = follow.current()
    follow.swap(SECOND)
    assert (held.version, follow.current().version) == (FIRST, SECOND)


@pytest.mark.parametrize(
    "name", ["", "..", "../models", f"../models/{FIRST}", "/etc", f"{FIRST}/", "xgboost_20990101_000000"]
)
def test_only_a_version_that_is_there_is_taken_never_a_path(follow, name):
    follow.current()
    with pytest.raises(SwapError, match="there is no version"):
        follow.swap(name)
    assert follow.current().version == FIRST


def test_a_version_that_fails_its_checks_is_not_promoted(follow, products, loads):
    (products / "models" / SECOND / CARD).write_text("{}")
    with pytest.raises(SwapError, match=CARD):
        follow.swap(SECOND)
    assert follow.current().version == FIRST
    assert json.loads((products / "models" / POINTER).read_text())["version"] == FIRST
    assert CARD in loads[0]


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"version": 3}',
        '{"version": "../x"}',
        "[" * 9999,
        '{"version": "xgboost_20990101_000000"}',
    ],
)
def test_a_pointer_that_leads_nowhere_leaves_the_last_good_model(follow, products, pointer):
    follow.current()
    (products / "models" / POINTER).write_text(pointer)
    assert follow.current().version == FIRST
    assert follow.problem
    promote(products / "models", THIRD, "a test")
    assert (follow.current().version, follow.problem) == (THIRD, "")


def test_a_pointer_that_goes_away_leaves_the_last_good_model(follow, products):
    follow.current()
    os.unlink(products / "models" / POINTER)
    assert follow.current().version == FIRST


@pytest.mark.slow
def test_two_swaps_within_one_tick_of_the_file_system_look_different(products, loads):
    here, there = (Champion(products / "models", lambda *_: None) for _ in range(2))
    here.current(), there.current()
    for version in [SECOND, THIRD, FIRST, SECOND] * 5:
        here.swap(version)
        assert there.current().version == version


def test_swaps_at_the_same_time_leave_everyone_with_the_same_model(products):
    followers = [Champion(products / "models", lambda *_: None) for _ in range(4)]
    versions = (FIRST, SECOND, THIRD, SECOND)
    threads = [threading.Thread(target=f.swap, args=(v,)) for f, v in zip(followers, versions, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({f.current().version for f in followers}) == 1
