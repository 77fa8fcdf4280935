import json
from hashlib import sha256

import pytest
from feature_rows import features, write

from willbuy.features import context
from willbuy.features.definitions import FEATURES
from willbuy.models import card
from willbuy.models.encoding import Encoding


def test_what_is_predicted_in_words():
    assert card.predicts(7, 0) == "that the shopper buys the item within 7 days"
    assert card.predicts(3, 90.5).endswith("within 3 days, later than 90.5 minutes after the decision")


def test_features_are_described_in_the_order_of_the_matrix(encoding):
    found = card.features(FEATURES, encoding)
    assert [f["name"] for f in found] == list(encoding.names)
    assert {f["name"]: f["type"] for f in found}["item_category"] == "category"
    assert all(f["description"] and "unit" in f for f in found)
    json.dumps(found)


def test_a_feature_without_definition_is_an_error():
    with pytest.raises(KeyError, match="made_up"):
        card.features(FEATURES, Encoding(("made_up",), {}))


def test_a_context_that_train_always_knew_is_never_null():
    levels = {"context_channel": ("search", "other"), "context_device": ("phone", "other")}
    encoding, known = Encoding(("is_cart", *levels), levels), context.known(levels)
    found = {f["name"]: f for f in card.features(known, encoding, ["context_device"])}
    assert [f["nullable"] for f in found.values()] == [False, True, False]
    assert [f["family"] for f in found.values()] == ["calendar", "context", "context"]


def test_data_is_known_by_its_content(train, tmp_path):
    other = write(features(50, seed=9), tmp_path / "other.parquet")
    found = card.data(train=train, validation=other)
    assert found["train"] == {"rows": 6000, "sha256": sha256(train.read_bytes()).hexdigest()}
    assert found["validation"]["rows"] == 50
    assert found["validation"]["sha256"] != found["train"]["sha256"]


def test_packages_are_those_installed():
    import xgboost

    assert card.packages()["xgboost"] == xgboost.__version__
