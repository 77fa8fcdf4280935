"""Servers, a Redis and a Prometheus of a test's own, which end with it."""

from contextlib import ExitStack

import prometheus_server
import pytest
import redis_server
import small_model
from server import start


@pytest.fixture
def products(tmp_path):
    """A folder with three versions of a small model; the first is champion."""
    small_model.save_three(tmp_path / "products")
    return tmp_path / "products"


@pytest.fixture
def ending():
    """What is to be stopped at the end, the last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(ending):
    """Start a real server on a products folder, with these settings."""

    def begin(products, log=None, **environment):
        server = start(products, 1, environment, log)
        ending.callback(server.stop)
        return server

    return begin


@pytest.fixture
def scrape(ending, tmp_path):
    """Start a Prometheus that scrapes these servers."""

    def begin(*servers):
        prometheus = prometheus_server.started(tmp_path / "prometheus", [server.port for server in servers])
        ending.callback(prometheus.stop)
        return prometheus

    return begin


@pytest.fixture
def redis_running(ending, tmp_path):
    (tmp_path / "redis").mkdir()
    running = redis_server.started(tmp_path / "redis")
    ending.callback(running.stop)
    return running
