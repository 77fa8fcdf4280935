"""The document describes the server that it comes from."""

import json

from app import create_app


def test_every_listed_endpoint_is_in_the_document_under_its_own_name(client, app):
    paths = client.get("/openapi.json").json["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == {(e.method, e.path) for e in app.endpoints if e.listed}
    names = [operation["operationId"] for methods in paths.values() for operation in methods.values()]
    assert len(set(names)) == len(names) and {"predict", "loadModel", "modelInfo"} <= set(names)


def test_a_client_finds_all_under_a_version_and_in_groups(client):
    document = client.get("/openapi.json").json
    (base,) = [server["url"] for server in document["servers"]]
    assert base == "/v1"
    groups = {tag["name"] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        assert client.options(base + path).status_code == 200, path
        assert all(len(operation["tags"]) == 1 and groups > {*operation["tags"]} for operation in methods.values())
    assert client.get("/v1/models").json == client.get("/models").json
    assert client.get("/v1/openapi.json").json == document
    assert client.post("/v1/predict", json={}).status_code == client.post("/predict", json={}).status_code == 422


def test_what_needs_a_key_needs_it_under_a_version_too(keyed):
    for path in ("/models", "/v1/models", "/v1/users/u"):
        assert keyed.get(path).status_code == 401
    headers = {"X-API-Key": "predict-key"}
    assert [keyed.get(path, headers=headers).status_code for path in ("/v1/models", "/v1/users/u")] == [200, 403]


def test_bodies_queries_and_answers_are_those_of_the_views(client):
    document = client.get("/openapi.json").json
    paths, schemas = document["paths"], document["components"]["schemas"]
    body = paths["/events"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    answer = paths["/events"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert (body["$ref"], answer["$ref"]) == ("#/components/schemas/Events", "#/components/schemas/Taken")
    assert schemas["Event"]["additionalProperties"] is False
    assert schemas["Event"]["properties"]["price"]["description"] == "what the item cost then"
    required = {p["name"]: p["required"] for p in paths["/features"]["get"]["parameters"]}
    assert required == {"user_id": True, "item_id": True, "at": False, "event_type": False, "price": False}
    assert paths["/metrics"]["get"]["responses"]["200"]["content"].keys() == {"text/plain"}
    assert paths["/"]["get"]["responses"]["200"]["content"].keys() == {"application/json", "text/html"}


def test_the_document_describes_the_server_it_comes_from(make_app, tmp_path):
    plain = make_app().test_client().get("/openapi.json").json
    keyed = (
        make_app(WILLBUY_API_KEYS="some-key-1:predict", WILLBUY_RATE_LIMIT="9").test_client().get("/openapi.json").json
    )
    empty = create_app({"WILLBUY_PRODUCTS": str(tmp_path / "none")}).test_client().get("/openapi.json").json
    assert "security" not in plain["paths"]["/predict"]["post"]
    assert keyed["paths"]["/predict"]["post"]["security"] and "429" in keyed["paths"]["/models"]["get"]["responses"]
    assert '"hour"' in json.dumps(plain["components"]["schemas"]["Row"])
    assert '"hour"' not in json.dumps(empty["components"]["schemas"]["Row"])


def test_failures_follow_from_what_a_view_takes_and_from_the_gate(client, keyed):
    def failures(of, path, method):
        responses = of.get("/openapi.json").json["paths"][path][method]["responses"]
        return {int(status) for status in responses} - {200}

    assert failures(client, "/predict", "post") == {400, 403, 408, 409, 413, 415, 422, 503}
    assert failures(keyed, "/predict", "post") == {400, 401, 403, 408, 409, 413, 415, 422, 429, 503}
    assert failures(keyed, "/livez", "get") == set()
    assert failures(keyed, "/features", "get") == {401, 403, 409, 422, 429, 503}
