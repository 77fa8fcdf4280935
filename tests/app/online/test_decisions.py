"""Rows that bring no features: theirs come from the store, at the time and price they name or else now."""

import pytest
import small_model
from replay import iso, post, predict, put, sent

from app.online.store.history import BLOCK
from willbuy.features.definitions import FEATURES, NAMES

HOUR = 3_600_000_000
DAY = 24 * HOUR
T = 1_704_067_200_000_000 + 50 * DAY
ROW = {"user_id": "u", "item_id": "i", "timestamp": iso(T)}


def event(time, kind="view", item="i", **more):
    return sent({"user_id": "u", "item_id": item, "event_type": kind, "timestamp": time}, **more)


def only(client, **row):
    return predict(client, [ROW | row])[0]["features"]


def test_rows_with_and_without_features_mix(client):
    post(client, [event(T - 5)])
    full = small_model.as_rows(small_model.table(2, seed=3))
    alone = [predict(client, [row])[0] for row in (full[0], ROW, full[1])]
    together = predict(client, [full[0], ROW, full[1]], explain=2)
    assert [row["probability"] for row in together] == [row["probability"] for row in alone]
    assert ["features" in row for row in together] == [False, True, False]
    assert list(together[1]["features"]) == list(NAMES)
    assert all(len(row["contributions"]) == 2 for row in together)


def test_computed_features_sent_back_give_the_same_probability(client):
    put(client, [{"item_id": "i", "category": "Books", "base_price": 20.0, "price": 15.0}])
    post(client, [event(T - DAY, price=15.0), event(T - 5, "add_to_cart", price=15.0)])
    answer = predict(client, [ROW])[0]
    again = predict(client, [{name: value for name, value in answer["features"].items() if value is not None}])[0]
    assert again["probability"] == answer["probability"]


def test_a_decision_point_is_now_a_view_and_at_the_items_price_if_it_does_not_say(app, client, monkeypatch):
    put(client, [{"item_id": "i", "base_price": 20.0, "price": 15.0}])
    monkeypatch.setattr(app.online, "now", lambda: T)
    found = predict(client, [{"user_id": "u", "item_id": "i"}])[0]["features"]
    assert found == only(client, event_type="view", price=15.0)
    assert (found["item_price"], found["is_cart"], found["item_discount_pct"]) == (15.0, 0, 25.0)
    assert only(client, price=None)["item_price"] is None
    assert only(client, event_type="add_to_cart", price=10)["item_discount_pct"] == 50.0


def test_features_and_a_decision_point_do_not_go_together(client):
    rows = [{"view_count_7d": 1, "timestamp": iso(T)}, ROW, {"user_id": "u", "event_type": "view", "price": 1}]
    answer = client.post("/predict", json={"features": rows})
    told = {(detail["row"], detail["field"]) for detail in answer.json["error"]["details"]}
    assert (answer.status_code, told) == (422, {(0, "timestamp"), (2, "event_type"), (2, "price")})


def test_a_decision_point_whose_past_is_no_longer_kept_is_refused(client):
    old = [event(T - 90 * DAY + n) for n in range(BLOCK + 1)]
    post(client, [*old, event(T, "purchase")])
    recent = iso(T + 1)
    assert only(client, timestamp=recent)["days_since_first_seen"] == pytest.approx(90)
    rows = [ROW | {"timestamp": time} for time in (recent, iso(T - 80 * DAY))]
    answer = client.post("/predict", json={"features": rows})
    assert (answer.status_code, answer.json["error"]["type"]) == (422, "forgotten")
    (detail,) = answer.json["error"]["details"]
    assert (detail["row"], detail["field"]) == (1, "timestamp")
    # One from before that is folded into what lasts, and does nothing else.
    assert post(client, [event(T - 95 * DAY)]) == {"accepted": 0, "duplicates": 0, "too_old": 1}
    assert only(client, timestamp=recent)["days_since_first_seen"] == pytest.approx(95)


def test_a_session_longer_than_the_retention_is_counted_whole(app, client):
    app.champion.swap(small_model.THIRD)
    hours = [T - 20 * HOUR * n for n in range(240)]
    for time in reversed(hours):
        post(client, [event(time)])
    assert only(client, timestamp=iso(T + HOUR))["session_event_count"] == 240


def test_a_shopper_nobody_has_seen_has_no_past(client):
    found = only(client, user_id="nobody")
    nulls = {f.name for f in FEATURES if found[f.name] is None}
    assert "hours_since_last_event" in nulls and found["view_count_30d"] == 0
    assert nulls == {f.name for f in FEATURES if f.nullable} & nulls


def test_a_model_that_reads_what_is_not_defined_any_more_says_so(client, app, monkeypatch):
    monkeypatch.setitem(app.champion.current().__dict__, "undefined", ["shoe_size"])
    answer = client.post("/predict", json={"features": [ROW]})
    assert (answer.status_code, "shoe_size" in answer.json["error"]["message"]) == (409, True)


def test_the_features_of_a_decision_point_are_shown_with_their_definitions(client):
    post(client, [event(T - 3_600_000_000)])
    answer = client.get("/features", query_string={"user_id": "u", "item_id": "i", "at": iso(T)})
    assert answer.status_code == 200
    shown = {f["name"]: f for f in answer.json["features"]}
    assert {name: f["value"] for name, f in shown.items()} == only(client)
    assert [f["description"] for f in answer.json["features"]] == [f.description for f in FEATURES]
    # As people type it: the plus sign of the zone unescaped.
    assert client.get(f"/features?user_id=u&item_id=i&at={iso(T)}").json == answer.json


def test_a_query_that_cannot_be_answered_is_refused_with_all_reasons(client):
    answer = client.get("/features?user_id=&at=yesterday&price=nan&color=red&event_type=scroll")
    told = {detail["field"] for detail in answer.json["error"]["details"]}
    assert (answer.status_code, told) == (422, {"user_id", "item_id", "at", "price", "color", "event_type"})
