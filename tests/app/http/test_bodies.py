"""Whatever is sent, the answer is a 4xx that says what is wrong where, or it is right."""

import gzip
import json

import pytest
import small_model
from hypothesis import given, settings
from hypothesis import strategies as st

from app.http.requests import LARGEST_BODY

DEEP = b"[" * 100_000
ROW = b'{"features": [{"view_count_7d": %s}]}'
TOP = b'{"features": [{}], %s}'
BROKEN = {
    "nothing": b"",
    "space": b"   ",
    "a word": b"hello",
    "half an object": b'{"features": [{}',
    "two objects": b"{}{}",
    "a comma too many": b'{"features": [{},]}',
    "single quotes": b"{'features': []}",
    "NaN": ROW % b"NaN",
    "Infinity": ROW % b"Infinity",
    "-Infinity": ROW % b"-Infinity",
    "hexadecimal": ROW % b"0x10",
    "a leading zero": ROW % b"007",
    "a leading plus": ROW % b"+1",
    "no digits after the point": ROW % b"1.",
    "no UTF-8": b'{"features": [{"user_id": "\xff\xfe"}]}',
    "UTF-16": '{"features": [{}]}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"features": [{}]}',
    "half a surrogate": b'{"features": [{"user_id": "\\ud800"}]}',
    "a bare control character": b'{"features": [{"user_id": "\x01"}]}',
    "zero bytes": b"\0" * 1000,
    "deep lists": DEEP,
    "deep lists that end": DEEP + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep features": b'{"features": ' + DEEP + b"]" * 100_000 + b"}",
    "a deep value": ROW % (DEEP + b"]" * 100_000),
    "a comment": b'{"features": [{}]} // all',
}
WRONG = {
    "null": b"null",
    "true": b"true",
    "a number": b"42",
    "text": b'"features"',
    "a list": b"[]",
    "an empty object": b"{}",
    "features null": b'{"features": null}',
    "features an object": b'{"features": {}}',
    "no rows": b'{"features": []}',
    "a row null": b'{"features": [null]}',
    "a row a list": b'{"features": [[1, 2]]}',
    "a row a number": b'{"features": [1]}',
    "too many rows": b'{"features": [%s]}' % b",".join([b"{}"] * 1001),
    "a row of nothing": b'{"features": [{}]}',
    "a row of one id": b'{"features": [{"user_id": "u"}]}',
    "a row of ids, one empty": b'{"features": [{"user_id": "u", "item_id": ""}]}',
    "a name twice": b'{"features": [{"hour": 1, "hour": 1}]}',
    "a name twice, once in escapes": b'{"features": [{"hour": 1, "\\u0068our": 1}]}',
    "rows twice": b'{"features": [{"hour": 1}], "features": [{"hour": 2}]}',
    "an unknown name": b'{"features": [{"no_such_feature": 1}]}',
    "a name that nearly is one": b'{"features": [{"View_count_7d": 1}]}',
    "an empty name": b'{"features": [{"": 1}]}',
    "a very long name": b'{"features": [{"%s": 1}]}' % (b"x" * 100_000),
    "very many names": json.dumps({"features": [{f"f{i}": i for i in range(20_000)}]}).encode(),
    "__proto__": b'{"features": [{"__proto__": {}}]}',
    "text for a number": ROW % b'"5"',
    "true for a number": ROW % b"true",
    "a list for a number": ROW % b"[5]",
    "an object for a number": ROW % b"{}",
    "1e999": ROW % b"1e999",
    "beyond float32": ROW % b"1e39",
    "below float32": ROW % b"-1e39",
    "400 digits": ROW % (b"9" * 400),
    "100,000 digits": ROW % (b"9" * 100_000),
    "an exponent of 400 digits": ROW % (b"1e" + b"9" * 400),
    "an unknown level": b'{"features": [{"item_category": "books"}]}',
    "a number for a level": b'{"features": [{"item_category": 1}]}',
    "an empty level": b'{"features": [{"item_category": ""}]}',
    "a number for an id": b'{"features": [{"user_id": 42}]}',
    "a very long id": b'{"features": [{"user_id": "%s"}]}' % (b"x" * 201),
    "an unknown option": TOP % b'"model": "../../etc/passwd"',
    "a threshold above 1": TOP % b'"threshold": 1.01',
    "a threshold below 0": TOP % b'"threshold": -0.5',
    "a threshold in words": TOP % b'"threshold": "half"',
    "explain half": TOP % b'"explain": 0.5',
    "explain less than none": TOP % b'"explain": -1',
    "explain too much": TOP % b'"explain": 100000000000000000000',
    "explain true": TOP % b'"explain": true',
    "probabilities maybe": TOP % b'"return_probabilities": 1',
}


@pytest.fixture(scope="module")
def client(made, tmp_path_factory):
    from app import create_app

    state = tmp_path_factory.mktemp("state")
    return create_app({"WILLBUY_PRODUCTS": str(made), "WILLBUY_STATE": str(state)}).test_client()


def post(client, body):
    return client.post("/predict", data=body, content_type="application/json")


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_json_is_a_400_that_says_so(client, name):
    answer = post(client, BROKEN[name])
    assert answer.status_code in (400, 422), answer.data[:300]
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("name", WRONG)
def test_json_that_is_not_asked_for_is_a_422_with_what_is_allowed(client, name):
    answer = post(client, WRONG[name])
    assert answer.status_code == 422, answer.data[:300]
    error = answer.json["error"]
    assert len(answer.data) < 20_000
    assert error.get("details") or "object" in error["message"]
    assert all(d["problem"] and d["allowed"] for d in error.get("details", ()))


def test_every_bad_row_and_field_is_reported_in_its_place(client):
    rows = [{}, {"hour": "x"}, {"hour": 1, "bla": 2}, {"item_category": "x", "weekday": True}]
    answer = client.post("/predict", json={"features": rows, "threshold": 7})
    found = [(d["row"], d["field"]) for d in answer.json["error"]["details"]]
    assert found == [(None, "threshold"), (1, "hour"), (2, "bla"), (3, "item_category"), (3, "weekday")]
    assert "Electronics" in answer.json["error"]["details"][3]["allowed"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"])
def test_another_content_type_is_a_415(client, kind):
    assert client.post("/predict", data=b'{"features": [{}]}', content_type=kind).status_code == 415


def test_a_name_given_twice_is_told_in_its_place(client):
    answer = post(
        client, b'{"features": [{"hour": 1}, {"hour": 1, "weekday": 2, "hour": 1}], "explain": 1, "explain": 1}'
    )
    found = [(d["row"], d["field"], d["problem"]) for d in answer.json["error"]["details"]]
    assert found == [(None, "explain", "is given 2 times"), (1, "hour", "is given 2 times")]
    assert post(client, b'{"features": [{"\\u0068our": 1}, {"hour": 1}]}').status_code == 200


def test_a_misspelt_name_gets_the_one_that_is_near(client):
    answer = client.post("/predict", json={"features": [{"view_count_7": 1, "xyz": 1}], "explian": 1})
    found = {d["field"]: d["problem"] for d in answer.json["error"]["details"]}
    assert found == {
        "view_count_7": "is not known; did you mean view_count_7d?",
        "xyz": "is not known",
        "explian": "is not known; did you mean explain?",
    }
    asked = client.get("/features?user=u&item_id=i").json["error"]["details"]
    assert {"is not known; did you mean user_id?"} == {d["problem"] for d in asked if d["field"] == "user"}


def test_near_names_are_looked_for_a_few_times_only(client):
    rows = [{f"view_count_{n}_{row}": 1 for n in range(20)} for row in range(50)]
    details = client.post("/predict", json={"features": rows}).json["error"]["details"]
    assert sum("did you mean" in d["problem"] for d in details) <= 10


def test_a_charset_behind_the_content_type_is_taken(client):
    kind = "Application/JSON; charset=utf-8"
    assert client.post("/predict", data=b'{"features": [{"hour": 1}]}', content_type=kind).status_code == 200


def test_a_body_over_the_limit_is_a_413(client):
    assert post(client, b" " * (LARGEST_BODY + 1)).status_code == 413


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from([*small_model.NAMES[:3], "item_category", "user_id"]) | st.text(max_size=8)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["features", "threshold", "explain"]) | st.text(max_size=5), VALUES)
       | st.fixed_dictionaries({"features": st.lists(st.dictionaries(FIELDS, VALUES), max_size=3)}))  # fmt: skip
def test_any_json_is_answered_and_a_refusal_names_a_reason(client, request):
    answer = post(client, json.dumps(request).encode())
    assert answer.status_code in (200, 400, 422)
    assert answer.status_code == 200 or answer.json["error"].get("details") or answer.status_code == 400


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(client, body):
    assert post(client, body).status_code in (400, 422)


@pytest.mark.parametrize("name", [" ", "\t", "\u00a0", "a\x00b", "a\nb", "\x7f"])
def test_an_id_that_cannot_be_read_is_refused(client, name):
    happened = {"user_id": "u", "item_id": name, "event_type": "view", "timestamp": "2024-01-01T00:00:00Z"}
    for method, path, body in (
        ("POST", "/events", {"events": [happened]}),
        ("PUT", "/items", {"items": [{"item_id": name}]}),
        ("POST", "/rank", {"user_id": name, "items": ["i"]}),
    ):
        answer = client.open(path, method=method, json=body)
        assert answer.status_code == 422, path
        assert "not blank, on one line" in answer.json["error"]["details"][0]["allowed"]


def test_a_compressed_body_is_refused_in_words(client):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = client.post("/predict", data=gzip.compress(b"{}"), headers=headers)
    assert (answer.status_code, "Content-Encoding" in answer.json["error"]["message"]) == (415, True)
