"""Whom a worker ends with."""

import multiprocessing
import os

from server import wait_for

from app.worker import parent

FORK = multiprocessing.get_context("fork")


def begin(told):
    FORK.Process(target=tell, args=(told, os.getpid())).start()
    os._exit(0)


def tell(told, started_by):
    wait_for(lambda: os.getppid() != started_by)
    told.write_text(str(parent()))


def test_a_parent_that_ends_while_a_worker_starts_is_still_its_parent(tmp_path):
    told = tmp_path / "told"
    middle = FORK.Process(target=begin, args=(told,))
    middle.start()
    middle.join()
    wait_for(lambda: told.exists() and told.read_text())
    assert int(told.read_text()) == middle.pid
