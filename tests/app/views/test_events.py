"""/events: each event once, in its place in time, or a reason why not."""

import pytest
from replay import iso, post, predict

T = 1_704_067_200_000_000
VIEW = {"user_id": "u", "item_id": "i", "event_type": "view", "timestamp": iso(T)}


def views(client, at):
    row = {"user_id": "u", "item_id": "i", "timestamp": iso(at)}
    return predict(client, [row])[0]["features"]["view_count_1h"]


def test_an_event_counts_from_the_moment_after_it(client):
    assert post(client, [VIEW]) == {"accepted": 1, "duplicates": 0, "too_old": 0}
    assert (views(client, T), views(client, T + 1)) == (0, 1)


@pytest.mark.parametrize("name", ["item_id", "event_type", "timestamp", "price", "duration_seconds"])
def test_without_an_id_an_event_is_what_it_says(client, name):
    told = VIEW | {"price": 1.0, "duration_seconds": 2.0}
    other = {"item_id": "j", "event_type": "scroll", "timestamp": iso(T + 1), "price": 1.001, "duration_seconds": None}
    assert post(client, [told, told])["accepted"] == 1
    assert post(client, [told])["duplicates"] == 1
    assert post(client, [told | {name: other[name]}])["accepted"] == 1


def test_the_same_moment_written_otherwise_is_the_same_event(client):
    post(client, [VIEW | {"price": 0.0}])
    again = VIEW | {"timestamp": "2024-01-01T05:30:00.000000+05:30", "price": -0.0, "duration_seconds": None}
    assert post(client, [again])["duplicates"] == 1


def test_an_id_tells_events_apart_and_makes_them_one(client):
    assert post(client, [VIEW | {"event_id": "a"}, VIEW | {"event_id": "b"}])["accepted"] == 2
    assert post(client, [VIEW | {"event_id": "a", "timestamp": iso(T + 5)}])["duplicates"] == 1
    assert views(client, T + 10) == 2


def test_what_happens_in_the_future_is_kept_until_then(client):
    assert post(client, [VIEW | {"timestamp": "2199-12-31T23:59:59Z"}, VIEW])["accepted"] == 2
    assert views(client, T + 1) == 1


def test_every_problem_of_a_request_is_told_and_nothing_taken(client):
    bad = [
        VIEW,
        VIEW | {"timestamp": "2024-01-01T00:00:00"},
        VIEW | {"event_type": "buy", "price": -1},
        {"user_id": "", "item_id": "i", "event_type": "view", "color": 1},
    ]
    answer = client.post("/events", json={"events": bad})
    assert answer.status_code == 422
    told = {(detail["row"], detail["field"]) for detail in answer.json["error"]["details"]}
    assert told == {(1, "timestamp"), (2, "event_type"), (2, "price"), (3, "user_id"), (3, "color"), (3, "timestamp")}
    assert all(detail["allowed"] for detail in answer.json["error"]["details"])
    assert views(client, T + 1) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"events": []}', 422),
        (b'{"events": [{"user_id": "\\ud800"}]}', 400),
        (b'{"events": 1, "other": 2}', 422),
    ],
)
def test_hostile_bodies_are_refused(client, body, status):
    answer = client.post("/events", data=body, content_type="application/json")
    assert (answer.status_code, bool(answer.json["error"]["message"])) == (status, True)


@pytest.mark.parametrize("depth", [500, 5000, 50_000])
def test_a_body_nested_too_deep_is_refused_as_broken_or_as_wrong(client, depth):
    """How deep is too deep to be read at all depends on Python's version."""
    body = b'{"events": [' + b"[" * depth + b"]" * depth + b"]}"
    assert client.post("/events", data=body, content_type="application/json").status_code in (400, 422)


def test_a_thousand_events_and_no_more(client):
    many = [VIEW | {"event_id": str(n)} for n in range(1001)]
    assert post(client, many[:1000])["accepted"] == 1000
    assert client.post("/events", json={"events": many}).status_code == 422


def test_telling_takes_a_scope_that_predicting_does_not_bring(make_app):
    keys = "predict-key:predict,events-key:events,admin-key-1:admin"
    client = make_app(WILLBUY_API_KEYS=keys).test_client()
    expected = {"predict-key": 403, "events-key": 200, "admin-key-1": 200, "": 401}
    for key, status in expected.items():
        headers = {"X-API-Key": key} if key else {}
        assert client.post("/events", json={"events": [VIEW]}, headers=headers).status_code == status
        item = {"items": [{"item_id": "i"}]}
        assert client.put("/items", json=item, headers=headers).status_code == status
