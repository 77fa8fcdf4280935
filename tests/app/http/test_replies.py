"""Large answers are compressed for whoever takes that, and are the same."""

import gzip
import json

import pytest

ROWS = {"features": [{"hour": n % 24} for n in range(500)]}


def ask(client, coding):
    return client.post("/predict", json=ROWS, headers={"Accept-Encoding": coding} if coding else {})


@pytest.mark.parametrize("coding", ["gzip", "br, gzip;q=0.5", "*", "GZIP"])
def test_a_large_answer_is_compressed_if_that_is_taken(client, coding):
    plain, packed = ask(client, None), ask(client, coding)
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 5
    assert json.loads(gzip.decompress(packed.data)) == plain.json


@pytest.mark.parametrize("coding", [None, "", "br", "gzip;q=0", "identity"])
def test_otherwise_it_is_not(client, coding):
    answer = ask(client, coding)
    assert "Content-Encoding" not in answer.headers and len(answer.json["predictions"]) == 500
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_small_answer_is_sent_as_it_is(client):
    assert "Content-Encoding" not in client.get("/health", headers={"Accept-Encoding": "gzip"}).headers
