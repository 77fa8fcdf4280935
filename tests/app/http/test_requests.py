"""Requests have an id and a body of bounded size."""

import os
import re

import pytest
from server import ROOT
from werkzeug.test import EnvironBuilder

from app.http.errors import ApiError
from app.http.requests import LARGEST_BODY, Request


def asked(**given):
    return Request(EnvironBuilder(path="/predict", method="POST", **given).get_environ())


def test_a_body_up_to_the_limit_is_read_and_a_larger_one_is_not():
    whole = b" " * LARGEST_BODY
    assert asked(data=whole, content_type="application/json").json_body() == whole
    with pytest.raises(ApiError) as refused:
        asked(data=whole + b" ", content_type="application/json").json_body()
    assert (refused.value.code, refused.value.kind) == (413, "body_too_large")


def test_the_proxy_has_the_same_limit():
    shipped = (ROOT / "app" / "proxy" / "nginx.conf").read_text()
    assert re.findall(r"client_max_body_size (.*);", shipped) == [f"{LARGEST_BODY >> 20}m", "0"]  # but for lines


def test_ids_are_told_apart():
    assert len({asked().id for _ in range(100)}) == 100
    assert asked(headers={"X-Request-ID": "mine"}).id == "mine"


def test_a_forked_process_gives_other_ids():
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, asked().id.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100).decode().partition("-")[0] != asked().id.partition("-")[0]
