"""/events: each event once, in its place in time, or a reason why not."""

import json
from contextlib import closing

import psutil
import pytest
from replay import iso, post, predict
from server import connection

T = 1_704_067_200_000_000
VIEW = {"user_id": "u", "item_id": "i", "event_type": "view", "timestamp": iso(T)}


def views(client, at):
    row = {"user_id": "u", "item_id": "i", "timestamp": iso(at)}
    return predict(client, [row])[0]["features"]["view_count_1h"]


def test_what_became_of_events_is_counted(client):
    post(client, [VIEW, VIEW, VIEW | {"event_id": "a"}])
    counts = client.get("/metrics").text
    assert 'willbuy_events_total{fate="accepted"} 2.0' in counts
    assert 'willbuy_events_total{fate="duplicate"} 1.0' in counts


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


def send(client, *lines, **headers):
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = client.post("/v1/events", data=body, content_type="application/x-ndjson", headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_lines_are_taken_each_once_in_any_number(client):
    many = [VIEW | {"event_id": str(n)} for n in range(2500)]
    told = {"accepted": 2500, "duplicates": 1, "too_old": 0, "refused": 0, "problems": []}
    assert send(client, *many, many[0], b"", b" \r") == told
    assert send(client, *many) == told | {"accepted": 0, "duplicates": 2500}
    assert views(client, T + 1) == 2500


def test_a_line_that_is_no_event_is_told_and_the_others_are_taken(client):
    bad = [
        b"{",
        b"[1]",
        VIEW | {"color": 1, "price": -1},
        json.dumps(VIEW).encode()[:-1] + b', "item_id": "i"}',
        VIEW | {"timestamp": "1850-01-01T00:00:00Z"},
        b"x" * 100_000,
        b"\xff",
    ]
    answer = send(client, VIEW, *bad, VIEW | {"event_id": "last"})
    assert (answer["accepted"], answer["refused"]) == (2, len(bad))
    told = [(problem["row"], problem["field"]) for problem in answer["problems"]]
    assert told == [
        (1, None),
        (2, None),
        (3, "color"),
        (3, "price"),
        (4, "item_id"),
        (5, "timestamp"),
        (6, None),
        (7, None),
    ]
    assert all(problem["problem"] and problem["allowed"] for problem in answer["problems"])
    assert views(client, T + 1) == 2


def test_of_very_many_bad_lines_the_first_problems_are_told(client):
    answer = send(client, *[b"{}"] * 5000)
    assert (answer["refused"], len(answer["problems"])) == (5000, 100)


def test_lines_may_not_be_compressed_nor_cut_off(client):
    headers = {"Content-Encoding": "gzip"}
    answer = client.post("/events", data=b"{}", content_type="application/x-ndjson", headers=headers)
    assert answer.status_code == 415
    line = json.dumps(VIEW).encode() + b"\n"
    environ = {"CONTENT_LENGTH": str(len(line) + 50)}
    answer = client.post("/events", data=line, content_type="application/x-ndjson", environ_overrides=environ)
    assert answer.status_code == 408


@pytest.mark.slow
def test_a_body_of_any_size_takes_no_more_memory(serve):
    server = serve()
    (worker,) = map(psutil.Process, server.workers())
    sent = 0

    def pieces():
        nonlocal sent
        for n in range(30_000):
            line = json.dumps(VIEW | {"user_id": f"u{n % 500}", "event_id": str(n)}) + " " * 4000 + "\n"
            sent += len(line)
            yield line.encode()

    server.ask("POST", "/events", {"events": [VIEW]})
    before = worker.memory_info().rss
    with closing(connection(server.port)) as connected:
        connected.request("POST", "/events", pieces(), {"Content-Type": "application/x-ndjson"}, encode_chunked=True)
        told = json.loads(connected.getresponse().read())
    assert (told["accepted"], told["refused"]) == (30_000, 0) and sent > 100e6
    assert worker.memory_info().rss - before < 60e6
