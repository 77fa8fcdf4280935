"""Replaying a log against the server: what happened goes in as the shop would send it, and every answer is kept."""

import tempfile
from datetime import timedelta

from features.histories import EPOCH

from app.online.features import Online
from app.online.store.opening import open_store


def sent(event, **more):
    """The event as /events takes it."""
    named = {name: value for name, value in event.items() if name != "timestamp" and value is not None}
    return {**named, "timestamp": iso(event["timestamp"]), **more}


def iso(microseconds):
    return (EPOCH + timedelta(microseconds=microseconds)).isoformat()


def asked(event, **more):
    """The decision point as a row of /predict; its price is told even if it is null."""
    row = {name: event[name] for name in ("user_id", "item_id", "event_type", "price")}
    return {**row, "timestamp": iso(event["timestamp"]), **more}


def post(client, events):
    answer = client.post("/events", json={"events": events})
    assert answer.status_code == 200, answer.json
    return answer.json


def put(client, items):
    answer = client.put("/items", json={"items": items})
    assert answer.status_code == 200, answer.json


def predict(client, rows, **options):
    answer = client.post("/predict", json={"features": rows, "return_features": True, **options})
    assert answer.status_code == 200, answer.json
    return answer.json["predictions"]


def forgotten(client, rows):
    """For each row that is forgotten since when it would not be, as it is told; asserts that nothing else is wrong."""
    if not rows:
        return {}
    answer = client.post("/predict", json={"features": rows})
    if answer.status_code == 200:
        return {}
    assert (answer.status_code, answer.json["error"]["type"]) == (422, "forgotten"), answer.json
    details = answer.json["error"]["details"]
    return {detail["row"]: detail["allowed"].removeprefix("from ").removesuffix(" on") for detail in details}


def fresh_store(app, kind, request, lookback_days=30):
    """Give the app an empty store of `kind`; skips where there is no Redis."""
    place = f"{tempfile.mkdtemp(dir=app.settings.state)}/online.sqlite"
    if kind == "redis":
        running = request.getfixturevalue("redis_running")
        running.empty()
        place = running.url
    app.online = Online(open_store(place, timeout=5), lookback_days)
