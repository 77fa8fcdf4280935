"""PUT /items: what items are, from now or from another time on."""

import pytest
from replay import forgotten, iso, post, predict, put

T = 1_704_067_200_000_000


def test_the_past_is_answered_as_it_was(client):
    put(client, [{"item_id": "i", "category": "Books", "base_price": 10, "price": 8, "timestamp": iso(T)}])
    put(client, [{"item_id": "i", "price": 4, "timestamp": iso(T + 100)}])
    put(client, [{"item_id": "i", "category": None, "timestamp": iso(T + 200)}])
    rows = [{"user_id": "u", "item_id": "i", "timestamp": iso(T + offset)} for offset in (-5, 99, 100, 200)]
    found = [row["features"] for row in predict(client, rows)]
    assert [f["item_price"] for f in found] == [8, 8, 4, 4]
    assert [f["item_category"] for f in found] == ["Books", "Books", "Books", None]
    assert [f["item_discount_pct"] for f in found] == pytest.approx([20, 20, 60, 60])


def test_what_changes_between_the_rows_of_a_request_is_told_apart(client):
    day = 86_400_000_000
    seen = [("i", n) for n in range(3)] + [("j", n) for n in range(5)]
    post(client, [{"user_id": "v", "item_id": i, "event_type": "view", "timestamp": iso(T - day - n)} for i, n in seen])
    put(client, [{"item_id": item, "category": "Books", "price": 8, "timestamp": iso(T)} for item in ("i", "j")])
    put(client, [{"item_id": "j", "price": 4, "timestamp": iso(T + 100)}])
    rows = [{"user_id": "u", "item_id": item, "timestamp": iso(T + n)} for n in (99, 100) for item in ("i", "j")]
    found = [row["features"] for row in predict(client, rows)]
    assert [(f["item_price"], f["item_view_count_7d"]) for f in found] == [(8, 3), (8, 5), (8, 3), (4, 5)]
    assert found == [predict(client, [row])[0]["features"] for row in rows]


def test_a_past_whose_prices_are_no_longer_kept_is_forgotten(client):
    day = 86_400_000_000
    post(client, [{"user_id": "u", "item_id": "i", "event_type": "view", "timestamp": iso(T)}])
    for n in range(100):
        put(client, [{"item_id": "i", "price": n, "category": "Books", "timestamp": iso(T + n * day)}])
    rows = [{"user_id": user, "item_id": item, "timestamp": iso(T + 1)} for user, item in ("ui", "uj", "vi", "vj")]
    late = forgotten(client, rows)
    assert set(late) == {0, 1, 2}
    rows = [row | {"timestamp": late[n]} for n, row in enumerate(rows[:3])]
    assert [row["features"]["item_price"] for row in predict(client, rows)] == [38, None, 38]


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


def test_two_values_of_an_item_at_one_time_are_refused(client):
    told = [{"item_id": "i", "price": 1.0}, {"item_id": "j", "price": 2.0}, {"item_id": "i", "price": 2.0}]
    answer = client.put("/items", json={"items": told})
    assert answer.status_code == 422
    assert [(d["row"], d["field"]) for d in answer.json["error"]["details"]] == [(2, "price")]
    put(client, [told[0], told[0], {"item_id": "i", "category": "Books"}, told[2] | {"timestamp": iso(T)}])
