import json
import os
import shutil
import threading
from itertools import pairwise

import pytest
from small_model import FIRST, SECOND, THIRD, save

from app.model.champion import FIRST_WAIT, LONGEST_WAIT, Champion, SwapError
from app.model.last_good import LastGood
from willbuy.models.pointer import POINTER, promote
from willbuy.models.versions import CARD, TREES


@pytest.fixture
def loads():
    return []


@pytest.fixture
def make(products, tmp_path):
    """Make the champion of a worker; all of them have one folder of state. `clock` holds the seconds."""
    (tmp_path / "state").mkdir()

    def make(loads=None, clock=(0.0,)):
        told = loads if loads is not None else []
        tell = lambda model, problem: told.append(model.version if model else problem)  # noqa: E731
        return Champion(products / "models", tmp_path / "state", tell, lambda: clock[0])

    return make


@pytest.fixture
def follow(make, loads):
    return make(loads)


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
def test_two_swaps_within_one_tick_of_the_file_system_look_different(make):
    here, there = make(), make()
    here.current(), there.current()
    for version in [SECOND, THIRD, FIRST, SECOND] * 5:
        here.swap(version)
        assert there.current().version == version


def test_swaps_at_the_same_time_leave_everyone_with_the_same_model(make):
    followers = [make() for _ in range(4)]
    versions = (FIRST, SECOND, THIRD, SECOND)
    threads = [threading.Thread(target=f.swap, args=(v,)) for f, v in zip(followers, versions, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({f.current().version for f in followers}) == 1


def test_a_pointer_that_comes_before_its_version_is_followed_once_that_is_there(make, products):
    clock = [0.0]
    follow = make(clock=clock)
    follow.current()
    os.rename(products / "models" / SECOND, products / "later")
    point(products, SECOND)
    assert follow.current().version == FIRST
    os.rename(products / "later", products / "models" / SECOND)
    assert follow.current().version == FIRST, "not asked for at each request"
    clock[0] += FIRST_WAIT
    assert (follow.current().version, follow.problem) == (SECOND, "")


def test_what_stays_refused_is_tried_ever_more_seldom(make, products, monkeypatch):
    clock, tries = [0.0], []
    follow = make(clock=clock)
    follow.current()
    point(products, "xgboost_20990101_000000")
    monkeypatch.setattr(LastGood, "check", lambda *_: tries.append(clock[0]))
    for tenth in range(900):
        clock[0] = tenth / 10
        follow.current()
    waits = [round(after - before, 1) for before, after in pairwise(tries)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_WAIT]


def test_a_restarted_worker_serves_the_last_good_version_until_the_file_is_mended(make, products):
    clock = [0.0]
    make().current()
    trees = products / "models" / FIRST / TREES
    content = trees.read_bytes()
    trees.write_bytes(content[:-1])
    restarted = make(clock=clock)
    assert restarted.current().version == FIRST
    assert TREES in restarted.problem
    trees.write_bytes(content)
    clock[0] += FIRST_WAIT
    assert (restarted.current().version, restarted.problem) == (FIRST, "")


@pytest.mark.parametrize("pointer", ["{", None, '{"version": "xgboost_20990101_000000"}'])
def test_a_restarted_worker_serves_what_the_others_do_where_the_pointer_leads_nowhere(make, products, pointer):
    make().swap(SECOND)
    if pointer is None:
        os.unlink(products / "models" / POINTER)
    else:
        (products / "models" / POINTER).write_text(pointer)
    restarted = make()
    assert restarted.current().version == SECOND
    assert restarted.problem


def test_a_damaged_copy_of_the_last_good_version_is_no_model(make, products, tmp_path):
    make().current()
    for trees in (products / "models" / FIRST / TREES, tmp_path / "state" / "last-good" / FIRST / TREES):
        trees.write_bytes(b"PK")
    assert make().current() is None


def test_a_name_stands_for_one_content(make, products):
    follow = make()
    follow.swap(SECOND)
    follow.swap(FIRST)
    shutil.rmtree(products / "models" / SECOND)
    save(products, SECOND, seed=9, rounds=3, promote=False)
    with pytest.raises(SwapError, match="under another name"):
        follow.swap(SECOND)
    with pytest.raises(SwapError, match="under another name"):
        make().swap(SECOND)
    point(products, SECOND)
    assert follow.current().version == FIRST


def test_a_name_that_serves_stands_for_one_content(make, products):
    follow = make()
    served = follow.current()
    shutil.rmtree(products / "models" / FIRST)
    save(products, FIRST, seed=9, rounds=3)
    assert follow.current() is served
    assert "under another name" in follow.problem
    golden = [make().current().card.golden for _ in range(2)]
    assert golden == [served.card.golden] * 2


def test_a_swap_repairs_a_pointer_that_cannot_be_read(make, products):
    follow = make()
    follow.current()
    (products / "models" / POINTER).write_text('{"vers')
    follow.swap(FIRST)
    assert (make().current().version, follow.current().version, follow.problem) == (FIRST, FIRST, "")


def test_a_pointer_that_cannot_be_written_is_said(make, products):
    follow = make()
    follow.current()
    os.unlink(products / "models" / POINTER)
    (products / "models" / POINTER).mkdir()
    with pytest.raises(SwapError, match="cannot be written"):
        follow.swap(SECOND)
    assert follow.current().version == FIRST


def point(products, version):
    """As a copy from elsewhere may: without a look at whether the version is there."""
    (products / "models" / POINTER).write_text(json.dumps({"version": version, "reason": "a copy"}))
