"""Items as they were at any moment: in the catalogue, and told by PUT /items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay import iso, predict, put

from app.online.catalogue import Catalogue, Entry, encode
from app.online.store.history import item_number
from willbuy.features.kernel import NEVER

T = 1_704_067_200_000_000
FIELDS = ("category", "base_price", "price")
VALUES = {"category": st.sampled_from(["a", "b", None]), **dict.fromkeys(FIELDS[1:], st.sampled_from([1.0, 2.5, None]))}
TOLD = st.fixed_dictionaries({"item_id": st.sampled_from("xy"), "since": st.integers(0, 9)}, optional=VALUES)


class Log:
    """A store that is nothing but an item log."""

    def __init__(self):
        self.entries = []

    def items_after(self, count):
        return self.entries[count:]


def plain(told, item_id, moment):
    """The item at a moment: every version by hand."""
    versions = {}
    for entry in told:
        if entry["item_id"] == item_id:
            before = in_force(versions, entry["since"]) or dict.fromkeys(FIELDS)
            versions[entry["since"]] = {name: entry.get(name, before[name]) for name in FIELDS}
    return in_force(versions, moment) or dict.fromkeys(FIELDS)


def in_force(versions, moment):
    since = [s for s in versions if s <= moment] or list(versions)[:0]
    return versions[max(since)] if since else versions[min(versions)] if versions else None


@settings(deadline=None)
@given(st.lists(st.lists(TOLD, max_size=4), max_size=4))
def test_the_catalogue_tells_what_held_at_each_moment(batches):
    log, catalogue, told = Log(), Catalogue(), []
    for batch in batches:
        told += batch
        log.entries += encode([Entry(**entry) for entry in batch])
        catalogue.follow(log, len(log.entries))
        for moment in range(-1, 11):
            numbers = np.array([item_number(item) for item in ("y", "unknown", "x")])
            base_price, category = catalogue.look_up(numbers, moment)
            names = [None if code < 0 else catalogue.categories[code] for code in category]
            prices = [catalogue.price(number, moment) for number in numbers.tolist()]
            expected = [plain(told, item, moment) for item in ("y", "unknown", "x")]
            assert names == [item["category"] for item in expected]
            assert [None if np.isnan(v) else v for v in base_price] == [item["base_price"] for item in expected]
            assert [None if np.isnan(v) else v for v in prices] == [item["price"] for item in expected]


def test_moments_are_told_apart_exactly_where_an_item_changed():
    log, catalogue = Log(), Catalogue()
    log.entries = encode([Entry("x", NEVER, "a"), Entry("x", 5, "b"), Entry("y", 7, "a")])
    catalogue.follow(log, 3)
    assert [catalogue.epoch(moment) for moment in (0, 4, 5, 7, 9)] == [0, 0, 1, 1, 1]
    assert not catalogue.differs(Entry("x", NEVER, "a")) and catalogue.differs(Entry("x", 5, "c"))
    assert catalogue.differs(Entry("new", NEVER)) and not catalogue.differs(Entry("y", NEVER, "a", None, None))


def test_the_past_is_answered_as_it_was(client):
    put(client, [{"item_id": "i", "category": "Books", "base_price": 10, "price": 8, "timestamp": iso(T)}])
    put(client, [{"item_id": "i", "price": 4, "timestamp": iso(T + 100)}])
    put(client, [{"item_id": "i", "category": None, "timestamp": iso(T + 200)}])
    rows = [{"user_id": "u", "item_id": "i", "timestamp": iso(T + offset)} for offset in (-5, 99, 100, 200)]
    found = [row["features"] for row in predict(client, rows)]
    assert [f["item_price"] for f in found] == [8, 8, 4, 4]
    assert [f["item_category"] for f in found] == ["Books", "Books", "Books", None]
    assert [f["item_discount_pct"] for f in found] == pytest.approx([20, 20, 60, 60])


def test_a_category_that_training_never_saw_is_missing_to_the_model(client):
    put(client, [{"item_id": "i", "category": "Spaceships"}])
    answer = predict(client, [{"user_id": "u", "item_id": "i", "timestamp": iso(T)}])[0]
    features = {name: value for name, value in answer["features"].items() if value is not None}
    assert features.pop("item_category") == "Spaceships"
    assert predict(client, [features])[0]["probability"] == answer["probability"]


def test_bad_items_are_told_and_none_is_taken(client):
    bad = [{"item_id": "i", "price": 5}, {"item_id": "", "price": -1, "category": "", "weight": 1}, {}]
    answer = client.put("/items", json={"items": bad})
    told = {(detail["row"], detail["field"]) for detail in answer.json["error"]["details"]}
    assert answer.status_code == 422
    assert told == {(1, "item_id"), (1, "price"), (1, "category"), (1, "weight"), (2, "item_id")}
    assert predict(client, [{"user_id": "u", "item_id": "i"}])[0]["features"]["item_price"] is None
