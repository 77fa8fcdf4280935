"""The limit is exact: in no minute more than allowed, and never fewer."""

import multiprocessing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access.limits import MINUTE, RateLimit


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@settings(max_examples=100, deadline=None)
@given(allowed=st.integers(1, 8), gaps=st.lists(st.sampled_from([0, 1, 7, 25, 59, 60, 61]), max_size=60))
def test_a_request_is_admitted_if_and_only_if_the_minute_before_it_has_room(tmp_path_factory, allowed, gaps):
    clock = Clock()
    limit = RateLimit(tmp_path_factory.mktemp("limit"), 1, allowed, clock)
    admitted = []
    for gap in gaps:
        clock.now += gap
        recent = [t for t in admitted if t > clock.now - MINUTE]
        wait = limit.wait(0)
        assert (wait == 0) == (len(recent) < allowed)
        if wait:
            assert recent[0] + MINUTE == clock.now + wait
        else:
            admitted.append(clock.now)


def test_keys_do_not_share_a_limit(tmp_path):
    limit = RateLimit(tmp_path, 2, 1, Clock())
    assert [limit.wait(0) > 0, limit.wait(1) > 0, limit.wait(0) > 0] == [False, False, True]


def test_times_left_from_before_a_reboot_do_not_shut_a_key_out(tmp_path):
    clock = Clock()
    assert RateLimit(tmp_path, 1, 1, clock).wait(0) == 0
    clock.now = 5.0
    assert RateLimit(tmp_path, 1, 1, clock).wait(0) == 0


def _knock(folder, barrier, admitted):
    limit = RateLimit(folder, 1, 500)
    barrier.wait()
    admitted.put(sum(limit.wait(0) == 0 for _ in range(400)))


@pytest.mark.slow
def test_processes_together_are_admitted_exactly_what_one_would_be(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    barrier, admitted = spawn.Barrier(3), spawn.Queue()
    workers = [spawn.Process(target=_knock, args=(tmp_path, barrier, admitted)) for _ in range(3)]
    for worker in workers:
        worker.start()
    counts = [admitted.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(counts) == 500
