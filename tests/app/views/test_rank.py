"""/rank: what /predict says of each item, sorted."""

import pytest
from replay import iso, post, predict, put, sent

T = 1_704_067_200_000_000
ITEMS = [f"i{n}" for n in range(30)]


def rank(client, **request):
    answer = client.post("/rank", json={"user_id": "u", "items": ITEMS, "timestamp": iso(T), **request})
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def fill(client):
    kinds = ("view", "add_to_cart", "purchase")
    book = {"category": "Books", "base_price": 9.0}
    put(client, [{"item_id": i, "price": float(n), **book} for n, i in enumerate(ITEMS)])
    post(
        client,
        [
            sent({"user_id": "u", "item_id": i, "event_type": kinds[n % 3], "timestamp": T - n * 3_600_000_000 - 1})
            for n, i in enumerate(ITEMS[:20])
        ],
    )


@pytest.mark.slow
def test_a_ranking_says_what_predict_says(client):
    fill(client)
    rows = [{"user_id": "u", "item_id": i, "timestamp": iso(T), "event_type": "add_to_cart"} for i in ITEMS]
    found = predict(client, rows)
    expected = sorted(found, key=lambda row: -row["probability"])
    ranked = rank(client, top=30, event_type="add_to_cart")
    names = ("item_id", "probability", "expected_value", "unknown")
    assert ranked == [{name: row[name] for name in names if name in row} for row in expected]
    assert len({row["probability"] for row in ranked}) > 3


@pytest.mark.slow
def test_by_value_the_price_counts_and_items_without_one_come_last(client):
    fill(client)
    ranked = rank(client, items=["unpriced", *ITEMS], top=31, by="value")
    worth = [row["expected_value"] for row in ranked[:-1]]
    assert worth == sorted(worth, reverse=True)
    assert worth == [row["probability"] * float(row["item_id"][1:]) for row in ranked[:-1]]
    assert ranked[-1]["item_id"] == "unpriced" and "expected_value" not in ranked[-1]
    assert [row["item_id"] for row in ranked] != [row["item_id"] for row in rank(client, top=31)]


def test_the_top_is_cut_and_equals_keep_their_order(client):
    assert [row["item_id"] for row in rank(client, top=3)] == ITEMS[:3]
    assert len(rank(client)) == 10


def test_an_item_given_twice_is_ranked_once(client):
    assert [row["item_id"] for row in rank(client, items=["b", "a", "b"])] == ["b", "a"]


def test_bad_requests_are_told(client):
    bad = {"user_id": 5, "items": [], "top": 0, "event_type": "purchase", "limit": 1}
    answer = client.post("/rank", json=bad)
    told = {detail["field"] for detail in answer.json["error"]["details"]}
    assert (answer.status_code, told) == (422, set(bad))
    assert client.post("/rank", json={"user_id": "u", "items": [str(n) for n in range(1001)]}).status_code == 422
