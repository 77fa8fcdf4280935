"""One declaration, and everything that follows from it."""

import importlib
import sys

import pytest
from writing.endpoints import parts as tables

from app import views
from app.access.keys import ADMIN, PREDICT
from app.http.endpoint import Endpoint, declared, endpoint

ECHO = '''
"""GET /echo: says it again."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from app.access.keys import EVENTS
from app.http.endpoint import endpoint


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """A text."""

    text: Annotated[str, Meta(min_length=1, max_length=5, description="to be said again")]


@endpoint("PUT", "/echo", EVENTS, errors=[503])
def echo(body: Said) -> Said:
    """Say it again.

    As often as it is sent.
    """
    return body
'''


@pytest.fixture
def echoing(tmp_path, monkeypatch, make_app):
    """A client of an app with one more module in app/views."""
    (tmp_path / "echo.py").write_text(ECHO)
    monkeypatch.setattr(views, "__path__", [*views.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield make_app(WILLBUY_API_KEYS="events-key:events,predict-key:predict").test_client()
    sys.modules.pop("app.views.echo", None)


EVENTS_KEY = {"X-API-Key": "events-key"}


def test_a_module_in_views_is_all_of_an_endpoint(echoing):
    assert echoing.put("/echo", json={"text": "hello"}, headers=EVENTS_KEY).json == {"text": "hello"}
    assert echoing.get("/").json["endpoints"]["/echo"] == "PUT: Say it again."
    assert "| `PUT /echo` | `events` | Say it again. |" in tables()["api.md"]["endpoints"]
    assert "| `text` | text of 1 to 5 characters | required | to be said again |" in tables()["api.md"]["fields"]
    assert 'route="/echo"' in echoing.get("/metrics").text


def test_its_scope_is_held(echoing):
    statuses = [
        echoing.put("/echo", json={"text": "x"}, headers={"X-API-Key": key}).status_code
        for key in ("predict-key", "no")
    ]
    assert statuses == [403, 401]


def test_its_body_is_decoded_strictly_and_all_problems_told(echoing):
    answer = echoing.put("/echo", json={"text": "longer than five", "tone": 1}, headers=EVENTS_KEY)
    details = answer.json["error"]["details"]
    assert (answer.status_code, [d["field"] for d in details]) == (422, ["text", "tone"])
    assert [d["allowed"] for d in details] == ["text of 1 to 5 characters", "text"]
    assert echoing.put("/echo", data=b"{", content_type="application/json", headers=EVENTS_KEY).status_code == 400
    assert echoing.put("/echo", data=b"text", content_type="text/plain", headers=EVENTS_KEY).status_code == 415


def test_it_is_in_openapi_whole(echoing):
    document = echoing.get("/openapi.json").json
    operation = document["paths"]["/echo"]["put"]
    assert (operation["operationId"], operation["summary"]) == ("echo", "Say it again.")
    assert operation["description"] == "Needs a key with the scope `events`. As often as it is sent."
    assert set(operation["responses"]) == {"200", "400", "401", "403", "408", "413", "415", "422", "429", "503"}
    assert document["components"]["schemas"]["Said"]["properties"]["text"]["maxLength"] == 5


def test_without_a_scope_or_with_one_that_is_none_there_is_no_endpoint():
    with pytest.raises(TypeError, match="scope"):
        endpoint("GET", "/echo")
    with pytest.raises(ValueError, match="/echo: unknown scope 'all'; allowed: predict, admin, events"):
        endpoint("GET", "/echo", "all")(lambda: None)


def test_every_endpoint_says_what_it_does_and_returns():
    found = declared(views)
    assert len(found) >= 16 and len({(e.method, e.path) for e in found}) == len(found)
    for each in found:
        assert each.summary.endswith("."), each.path
        assert each.returns or each.media, each.path
        assert each.scope or each.method == "GET", each.path


def test_what_a_view_takes_says_how_it_can_fail():
    @endpoint("GET", "/nothing", ADMIN)
    def nothing(app, request) -> dict:
        """Nothing."""

    by_name = {e.name: e for e in declared(views)}
    assert nothing.errors == set()
    assert by_name["predict"].errors == {400, 408, 409, 413, 415, 422, 503}
    assert by_name["features"].errors == {409, 422, 503}
    assert (by_name["report"].listed, by_name["predict"].scope, by_name["load_model"].scope) == (False, PREDICT, ADMIN)
    assert isinstance(by_name["about"], Endpoint) and not by_name["about"].is_data
