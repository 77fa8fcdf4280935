"""The truth as WooCommerce's REST API and its server's access log have it."""

from __future__ import annotations

import json

from ingest.mapping.formats.truth import BUY, VIEW, Event, at_once


def write(events: list[Event]) -> dict[str, str]:
    """https://woocommerce.github.io/woocommerce-rest-api-docs/#orders, #products; the combined log."""
    orders = [json.dumps(_order(group)) for group in at_once(events) if group[0].kind == BUY]
    products = [json.dumps(_product(*each)) for each in {e.item: e.category for e in events}.items()]
    return {
        "access.log": "".join(_request(n, e) for n, e in enumerate(events) if e.kind != BUY),
        "orders.jsonl": "\n".join([*orders, ""]),
        "products.jsonl": "\n".join([*products, ""]),
    }


def _order(group: list[Event]) -> dict:
    first = group[0]
    return {
        "id": first.time, "status": "completed", "date_created_gmt": f"{first.moment:%Y-%m-%dT%H:%M:%S}",
        "customer_id": 0, "customer_ip_address": first.user,
        "line_items": [{"product_id": int(e.item), "quantity": 1, "price": e.price / 100} for e in group],
    }  # fmt: skip


def _product(item: str, category: str) -> dict:
    return {"id": int(item), "slug": f"ware-{item}", "categories": [{"id": 9, "name": category}]}


def _request(number: int, event: Event) -> str:
    page = f"/product/ware-{event.item}/"
    add = f"POST {page}" if number % 2 else f"GET /shop/?add-to-cart={event.item}"
    request = f"GET {page}" if event.kind == VIEW else add
    return f'{event.user} - - [{event.moment:%d/%b/%Y:%H:%M:%S +0000}] "{request} HTTP/1.1" 200 9 "-" "Mozilla/5.0"\n'
