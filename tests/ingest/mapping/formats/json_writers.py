"""The truth as JSON lines, as the vendors document them: a writer gives the files' names and contents."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from ingest.mapping.formats.truth import ADD, BUY, REMOVE, VIEW, Event, at_once

ECOMMERCE = "com_snowplowanalytics_snowplow_ecommerce"


def _lines(rows: Iterable[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=number % 2 == 0) + "\n" for number, row in enumerate(rows))


def ga4(events: list[Event]) -> dict[str, str]:
    """https://support.google.com/analytics/answer/7029846: BigQuery writes its whole numbers as text."""
    return {"ga4.json": _lines(_ga4(group) for group in at_once(events))}


def _ga4(group: list[Event]) -> dict:
    names = {VIEW: "view_item", ADD: "add_to_cart", REMOVE: "remove_from_cart", BUY: "purchase"}
    first = group[0]
    return {
        "event_date": first.moment.strftime("%Y%m%d"), "event_timestamp": str(first.time),
        "event_name": names[first.kind], "user_pseudo_id": first.user,
        "event_params": [{"key": "ga_session_id", "value": {"int_value": "1"}}],
        "items": [
            {"item_id": e.item, "item_category": e.category, "price": e.price / 100, "quantity": "1"} for e in group
        ],
    }  # fmt: skip


def matomo(events: list[Event]) -> dict[str, str]:
    """https://developer.matomo.org/api-reference/reporting-api#Live: a visit ends with its cart or its order."""
    visits: list[dict] = []
    unfinished: dict[str, list[dict]] = defaultdict(list)
    for group in at_once(events):
        actions = unfinished[group[0].user]
        actions.append(_matomo(group))
        if group[0].kind != VIEW:
            visits.append(
                {"userId": group[0].user, "visitorId": "c1c8", "actionDetails": unfinished.pop(group[0].user)}
            )
    rest = [{"userId": user, "visitorId": "c1c8", "actionDetails": actions} for user, actions in unfinished.items()]
    return {"visits.jsonl": _lines(visits + rest)}


def _matomo(group: list[Event]) -> dict:
    first = group[0]
    action = {"timestamp": first.time // 1_000_000}
    if first.kind == VIEW:
        viewed = {"productViewSku": first.item, "productViewPrice": first.price / 100}
        return action | viewed | {"type": "action", "productViewCategories": [first.category]}
    items = [{"itemSKU": e.item, "itemCategory": e.category, "price": f"{e.price / 100}", "quantity": 1} for e in group]
    return action | {"type": "ecommerceOrder" if first.kind == BUY else "ecommerceAbandonedCart", "itemDetails": items}


def otto(events: list[Event]) -> dict[str, str]:
    """https://github.com/otto-de/recsys-dataset#data-format: a session is a line."""
    names = {VIEW: "clicks", ADD: "carts", BUY: "orders"}
    sessions: dict[str, list[dict]] = defaultdict(list)
    for e in events:
        sessions[e.user].append({"aid": int(e.item), "ts": e.time // 1_000, "type": names[e.kind]})
    return {"train.jsonl": _lines({"session": int(user), "events": own} for user, own in sessions.items())}


def segment(events: list[Event]) -> dict[str, str]:
    """https://segment.com/docs/connections/spec/ecommerce/v2/: products are a list in an order only."""
    return {"calls.jsonl": _lines(_segment(number, group) for number, group in enumerate(at_once(events)))}


def _segment(number: int, group: list[Event]) -> dict:
    names = {VIEW: "Product Viewed", ADD: "Product Added", REMOVE: "Product Removed", BUY: "Order Completed"}
    first = group[0]
    products = [{"product_id": e.item, "category": e.category, "price": e.price / 100, "quantity": 1} for e in group]
    return {
        "type": "track", "event": names[first.kind], "userId": first.user, "anonymousId": "anon",
        "messageId": f"m{number}", "timestamp": first.iso(),
        "properties": {"order_id": "1", "products": products} if first.kind == BUY else products[0],
    }  # fmt: skip


def shopify(events: list[Event]) -> dict[str, str]:
    """https://shopify.dev/docs/api/web-pixels-api/standard-events, and orders as the Admin API returns them."""
    groups = list(at_once(events))
    orders = (_order(group) for group in groups if group[0].kind == BUY)
    pixel = (_pixel(number, group[0]) for number, group in enumerate(groups) if group[0].kind != BUY)
    return {"orders.jsonl": _lines(orders), "pixel.jsonl": _lines(pixel)}


def _order(group: list[Event]) -> dict:
    items = [{"product_id": int(e.item), "price": f"{e.price / 100:.2f}", "quantity": 1} for e in group]
    created = group[0].moment.replace(microsecond=0).isoformat()
    return {"id": group[0].time, "created_at": created, "customer": {"id": int(group[0].user)}, "line_items": items}


def _pixel(number: int, event: Event) -> dict:
    names = {VIEW: "product_viewed", ADD: "product_added_to_cart", REMOVE: "product_removed_from_cart"}
    product = {"id": event.item, "type": event.category}
    variant = {"price": {"amount": event.price / 100, "currencyCode": "EUR"}, "product": product}
    viewed, in_cart = {"productVariant": variant}, {"cartLine": {"merchandise": variant, "quantity": 1}}
    return {
        "id": f"sh-{number}", "name": names[event.kind], "clientId": "c1", "customerId": event.user,
        "timestamp": event.iso(), "data": viewed if event.kind == VIEW else in_cart,
    }  # fmt: skip


def snowplow(events: list[Event]) -> dict[str, str]:
    """https://docs.snowplow.io/docs/events/ootb-data/ecommerce-events/, as the analytics SDKs write an event."""
    return {"enriched.jsonl": _lines(_snowplow(number, group) for number, group in enumerate(at_once(events)))}


def _snowplow(number: int, group: list[Event]) -> dict:
    first = group[0]
    kind = {VIEW: "product_view", BUY: "transaction"}.get(first.kind, first.kind)
    return {
        "event_id": f"e{number}", "event_name": "snowplow_ecommerce_action", "domain_userid": first.user,
        "collector_tstamp": "2024-03-01T00:00:00.000Z", "derived_tstamp": first.iso(),
        f"unstruct_event_{ECOMMERCE}_snowplow_ecommerce_action_1": {"type": kind},
        f"contexts_{ECOMMERCE}_product_1": [
            {"id": e.item, "category": e.category, "price": e.price / 100, "currency": "EUR"} for e in group
        ],
    }  # fmt: skip
