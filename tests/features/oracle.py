"""Every feature again, as slow and plain as can be: from the words of docs/features.md, without a line of the kernel.

It knows every count and age of the same kind too, so that a new one needs no line here.
A log is a list of dicts with user_id, item_id, event_type, timestamp (whole microseconds since 1970), price and
duration_seconds (None where null). An item is a dict with category and base_price.
"""

from datetime import UTC, datetime, timedelta

HOUR = 3_600_000_000
DAY = 24 * HOUR
WINDOWS = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
TYPES = {
    "view": "view",
    "scroll": "scroll",
    "cart": "add_to_cart",
    "remove": "remove_from_cart",
    "purchase": "purchase",
}


def divide(above, below):
    return None if below == 0 else above / below


def half_even(number):
    """Python rounds halves to even, as the words ask; the product itself is a float's."""
    return None if number is None else round(number)


def cents(price):
    return None if price is None else half_even(price * 100)


def points(price, base_price):
    if price is None or base_price is None or cents(base_price) == 0:
        return None
    return half_even(10000 * (cents(base_price) - cents(price)) / cents(base_price))


def dwell_ms(events):
    return [half_even(e["duration_seconds"] * 1000) for e in events if e["duration_seconds"] is not None]


def of_type(events, measure):
    return [e for e in events if e["event_type"] == TYPES[measure]]


def within(events, t, window):
    return [e for e in events if t - WINDOWS[window] <= e["timestamp"] < t]


def age(events, t, unit, oldest=False):
    times = [e["timestamp"] for e in events]
    return None if not times else (t - (min(times) if oldest else max(times))) / unit


def session_so_far(mine, t, gap):
    """Walk back from t as long as no silence is longer than the gap."""
    found, moment = [], t
    for event in sorted(mine, key=lambda e: e["timestamp"], reverse=True):
        if moment - event["timestamp"] > gap:
            break
        found.append(event)
        moment = event["timestamp"]
    return found


def oracle(log, items, decision, gap, names):
    """The features `names` of one decision point (a dict like an event's); sessions end at silences over `gap` us."""
    t, item_id = decision["timestamp"], decision["item_id"]
    item = items.get(item_id, {"category": None, "base_price": None})
    mine = [e for e in log if e["user_id"] == decision["user_id"] and e["timestamp"] < t]
    category_of = {i: known["category"] for i, known in items.items()}
    on_item = [e for e in mine if e["item_id"] == item_id]
    on_category = [e for e in mine if category_of.get(e["item_id"]) == item["category"] is not None]
    row = {
        **recency(mine, on_item, on_category, t),
        **frequency(mine, on_item, on_category, item["category"], t),
        **intent(mine, on_item, t),
        **session(session_so_far(mine, t, gap), category_of, item_id, t),
        **affinity(mine, on_category, items, item, decision["price"], t),
        **item_features(log, item_id, item, decision["price"], t),
        **calendar(decision["event_type"], t),
    }
    return {name: row[name] for name in names}


def recency(mine, on_item, on_category, t):
    row = {"hours_since_last_event": age(mine, t, 3.6e9), "days_since_first_seen": age(mine, t, 8.64e10, oldest=True)}
    for measure in TYPES:
        row[f"hours_since_last_{measure}"] = age(of_type(mine, measure), t, 3.6e9)
        for prefix, events in (("user_item", on_item), ("user_category", on_category)):
            recent = within(of_type(events, measure), t, "30d")
            row[f"{prefix}_hours_since_last_{measure}"] = age(recent, t, 3.6e9)
    return row


def frequency(mine, on_item, on_category, category, t):
    row = {}
    for window in WINDOWS:
        for measure in TYPES:
            row[f"{measure}_count_{window}"] = len(within(of_type(mine, measure), t, window))
            row[f"user_item_{measure}_count_{window}"] = len(within(of_type(on_item, measure), t, window))
            known = len(within(of_type(on_category, measure), t, window))
            row[f"user_category_{measure}_count_{window}"] = None if category is None else known
    for window in ("1d", "7d", "30d"):
        row[f"distinct_items_{window}"] = len({e["item_id"] for e in within(of_type(mine, "view"), t, window)})
    return row


def intent(mine, on_item, t):
    def count(events, measure, window):
        return len(within(of_type(events, measure), t, window))

    item_ms, user_ms = (dwell_ms(within(events, t, "30d")) for events in (on_item, mine))
    added = [e["timestamp"] for e in within(of_type(on_item, "cart"), t, "30d")]
    closed = [e["timestamp"] for e in of_type(on_item, "remove") + of_type(on_item, "purchase")]
    return {
        "scroll_to_view_7d": divide(count(mine, "scroll", "7d"), count(mine, "view", "7d")),
        "cart_to_view_7d": divide(count(mine, "cart", "7d"), count(mine, "view", "7d")),
        "purchase_to_cart_30d": divide(count(mine, "purchase", "30d"), count(mine, "cart", "30d")),
        "user_item_cart_to_view_30d": divide(count(on_item, "cart", "30d"), count(on_item, "view", "30d")),
        "user_item_dwell_seconds_30d": sum(item_ms) / 1000,
        "user_item_dwell_vs_user_30d": divide(sum(item_ms) * len(user_ms), sum(user_ms) * len(item_ms)),
        "user_item_open_cart": int(bool(added) and all(max(added) > moment for moment in closed)),
    }


def session(so_far, category_of, item_id, t):
    categories = {category_of.get(e["item_id"]) for e in so_far} - {None}
    return {
        "session_event_count": len(so_far),
        **{f"session_{measure}_count": len(of_type(so_far, measure)) for measure in TYPES},
        "session_item_count": len({e["item_id"] for e in so_far}),
        "session_category_count": len(categories),
        "session_item_view_count": len([e for e in of_type(so_far, "view") if e["item_id"] == item_id]),
        "session_seconds": age(so_far, t, 1e6, oldest=True) or 0.0,
    }


def affinity(mine, on_category, items, item, price, t):
    viewed, bought = (within(of_type(mine, measure), t, "30d") for measure in ("view", "purchase"))
    row = {"user_category_share_30d": None}
    if item["category"] is not None:
        share = divide(len(within(of_type(on_category, "view"), t, "30d")), len(viewed))
        row["user_category_share_30d"] = share
    for name, events in (("viewed", viewed), ("bought", bought)):
        paid = [cents(e["price"]) for e in events if e["price"] is not None]
        known = price is not None
        row[f"price_vs_{name}_30d"] = divide(cents(price) * len(paid), sum(paid)) if known else None
    seen = [points(e["price"], items.get(e["item_id"], {"base_price": None})["base_price"]) for e in viewed]
    seen = [p for p in seen if p is not None]
    own = points(price, item["base_price"])
    row["discount_vs_viewed_30d"] = None if own is None else divide(own * len(seen) - sum(seen), 100 * len(seen))
    return row


def item_features(log, item_id, item, price, t):
    base_price = item["base_price"]
    row = {"item_price": price, "item_base_price": base_price, "item_category": item["category"]}
    known = price is not None and base_price is not None
    row["item_discount_pct"] = (
        divide(100 * cents(base_price) - 100 * cents(price), cents(base_price)) if known else None
    )
    midnight = t - t % DAY
    for days in (1, 7, 30):
        seen = [e for e in log if e["item_id"] == item_id and midnight - days * DAY <= e["timestamp"] < midnight]
        for measure in ("view", "cart", "purchase"):
            row[f"item_{measure}_count_{days}d"] = len(of_type(seen, measure))
        if days > 1:
            row[f"item_conversion_{days}d"] = divide(len(of_type(seen, "purchase")), len(of_type(seen, "view")))
    return row


def calendar(event_type, t):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t)
    return {"hour": moment.hour, "weekday": moment.weekday(), "is_cart": int(event_type == "add_to_cart")}
