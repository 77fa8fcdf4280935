"""The OpenAPI 3.1 document, written from the declared endpoints and from the model that serves."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from app.http.endpoint import BASE, Endpoint
from app.http.errors import Error
from app.http.lines import NDJSON
from app.http.replies import JSON
from app.http.requests import LARGEST_BODY

COMPONENT = "#/components/schemas/{name}"
WHEN = {
    400: "the body is not JSON",
    401: "`X-API-Key` is missing or not known",
    403: "the key lacks the scope; without configured keys: the caller is not on this machine, or the scope is `admin`",
    408: "the body did not come, or not whole",
    409: "the version is not there or fails a check, and the old one goes on serving; or the model reads features that "
    "only the caller can send",
    413: f"the body is larger than {LARGEST_BODY >> 20} MiB",
    415: "the body does not say that it is JSON, or it is compressed",
    422: "the request is not what is asked for; all its problems are listed",
    429: "the key has made all requests that it may in a minute, or its address has sent too many wrong keys; "
    "`Retry-After` says for how many seconds to wait",
    503: "no model is loaded, the store of events does not answer, or too many bodies are on their way",
}


def document(endpoints: Sequence[Endpoint], model: Any, keys: bool, limit: bool) -> dict:
    """The document for a server with or without a `model`, configured `keys` and a rate `limit`."""
    listed = [endpoint for endpoint in endpoints if endpoint.listed]
    kinds = [Error, *filter(None, (kind for e in listed for kind in (e.body_of(model), e.returns)))]
    found, components = msgspec.json.schema_components(kinds, ref_template=COMPONENT)
    schemas = dict(zip(kinds, found, strict=True))
    paths: dict = {}
    for endpoint in listed:
        operation = _operation(endpoint, schemas, endpoint.body_of(model), statuses(endpoint, keys, limit))
        if keys and endpoint.scope:
            needs = f"Needs a key with the scope `{endpoint.scope}`."
            operation |= {"security": [{"ApiKey": []}], "description": f"{needs} {endpoint.description}".strip()}
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    security = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}} if keys else {}
    about = "Will this shopper buy this item within the horizon?"
    return {
        "openapi": "3.1.0",
        "info": {"title": "willbuy", "version": version("willbuy"), "description": about},
        "servers": [{"url": BASE}],
        "tags": [{"name": tag} for tag in sorted({endpoint.tag for endpoint in listed})],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": security},
    }


def statuses(endpoint: Endpoint, keys: bool, limit: bool) -> list[int]:
    """The statuses of failure that it can answer on a server with configured `keys` and a rate `limit`, in order."""
    access = {401, 403, 429} if keys and endpoint.scope else set() if keys else {403}
    return sorted(endpoint.errors | access | ({429} if limit and endpoint.scope else set()))


def _operation(endpoint: Endpoint, schemas: Mapping[Any, dict], body: type | None, failures: Sequence[int]) -> dict:
    first, *others = endpoint.name.split("_")
    content = _json(schemas[endpoint.returns]) if endpoint.returns else {}
    content |= {endpoint.media: {"schema": {"type": "string"}}} if endpoint.media else {}
    failed = {str(status): {"description": WHEN[status], "content": _json(schemas[Error])} for status in failures}
    operation: dict[str, Any] = {
        "tags": [endpoint.tag],
        "operationId": first + "".join(map(str.capitalize, others)),
        "summary": endpoint.summary,
        "description": endpoint.description,
        "responses": {"200": {"description": endpoint.summary, "content": content}} | failed,
    }
    if body:
        operation["requestBody"] = {"required": True, "content": _json(schemas[body]) | _ndjson(endpoint.lines)}
    variables = msgspec.defstruct("Variables", list(endpoint.variables.items()))
    queries = _parameters(endpoint.query, "query") if endpoint.query else ()
    if parameters := [*_parameters(variables, "path"), *queries]:
        operation["parameters"] = parameters
    return operation


def _json(schema: dict) -> dict:
    return {JSON: {"schema": schema}}


def _ndjson(line: type | None) -> dict:
    said = f"a JSON object like `{line.__name__}` a line; the body may be of any size" if line else ""
    return {NDJSON: {"schema": {"type": "string", "format": "binary", "description": said}}} if line else {}


def _parameters(kind: type[msgspec.Struct], place: str) -> Iterator[dict]:
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]
    for name, said in schema["properties"].items():
        yield {"name": name, "in": place, "required": name in schema["required"], "schema": said}
