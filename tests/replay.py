"""Replaying a log against the server: what happened goes in as the shop would send it, and every answer is kept."""

import tempfile
from datetime import timedelta
from pathlib import Path

from features.histories import EPOCH, GAP

from app.online.features import Online
from app.online.store.embedded import EmbeddedStore
from app.online.store.history import Retention
from willbuy.clock import DAY_US
from willbuy.features import kernel


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


def fresh_store(app, kind, request, lookback_days=30):
    """Give the app an empty store of `kind`; skips where there is no Redis."""
    retention = retained(lookback_days)
    if kind == "redis":
        app.online = Online(request.getfixturevalue("redis_store")(retention))
    else:
        folder = Path(tempfile.mkdtemp(dir=app.settings.state))
        app.online = Online(EmbeddedStore(folder / "online.sqlite", retention, timeout=5))


def retained(lookback_days):
    """The retention of a store whose past can be asked about as far back."""
    return Retention(kernel.LOOKBACK_US + lookback_days * DAY_US, GAP)
