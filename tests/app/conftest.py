"""An app over small models in this process, and real servers with workers of their own."""

import shutil

import pytest
import redis_server
import small_model
from server import start

from app import create_app

KEYS = "predict-key:predict,admin-key-1:predict+admin"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A products folder with three versions; the first is champion. Read only: `products` is a copy to change."""
    folder = tmp_path_factory.mktemp("products")
    small_model.save_three(folder)
    return folder


@pytest.fixture
def products(made, tmp_path):
    return shutil.copytree(made, tmp_path / "products")


@pytest.fixture
def make_app(products, tmp_path):
    """Make an app with these settings besides the usual ones."""

    def make(**settings):
        return create_app({"WILLBUY_PRODUCTS": str(products), "WILLBUY_STATE": str(tmp_path / "state"), **settings})

    return make


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def keyed(make_app):
    """A client of an app with keys."""
    return make_app(WILLBUY_API_KEYS=KEYS).test_client()


@pytest.fixture
def serve(products):
    """Start a real server on the products folder; it ends with the test."""
    servers = []

    def begin(workers=1, **environment):
        servers.append(start(products, workers, environment))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def redis_running(tmp_path_factory):
    """A Redis for all tests that only read and write."""
    running = redis_server.started(tmp_path_factory.mktemp("redis"))
    yield running
    running.stop()
