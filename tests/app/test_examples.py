"""examples/predict.json, which README and docs/api.md send: a row as a shop has them, with all that it needs."""

import json
from pathlib import Path

from willbuy.features.definitions import FEATURES

EXAMPLE = json.loads((Path(__file__).parents[2] / "examples/predict.json").read_text())


def ask(client):
    answer = client.post("/predict", json=EXAMPLE)
    assert answer.status_code == 200, answer.json
    (prediction,) = answer.json["predictions"]
    return prediction


def test_nothing_is_missing(client):
    assert "missing" not in ask(client)
    assert {f.name for f in FEATURES if not f.nullable} <= EXAMPLE["features"][0].keys()


def test_the_sample_shops_model_finds_it_neither_sure_nor_hopeless(sample, make_app):
    client = make_app(WILLBUY_PRODUCTS=str(sample.products)).test_client()
    assert 0.01 < ask(client)["probability"] < 0.5
