"""Every feature again, as slow and plain as can be: from the words of docs/features.md, without a line of the kernel.

It knows every count and age of the same kind too, so that a new one needs no line here.
A log is a list of dicts with user_id, item_id, event_type, timestamp (whole microseconds since 1970), price and
duration_seconds (None where null). An item is a dict with category and base_price.
"""

from datetime import UTC, datetime, timedelta
from math import log

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


def log_millionths(amount):
    return None if amount is None or amount <= 0 else half_even(1e6 * log(amount))


def divide(above, below):
    return None if below == 0 or above is None else above / below


def half_even(number):
    """Python rounds halves to even, as the words ask; the product itself is a float's."""
    return None if number is None else round(number)


def cents(price):
    return None if price is None else half_even(price * 100)


def points(price, base_price):
    if price is None or base_price is None or cents(base_price) == 0:
        return None
    return half_even(10000 * (cents(base_price) - cents(price)) / cents(base_price))


def dwell_ms(events, t):
    """Of the events whose dwell had ended by t."""
    known = [
        (e["timestamp"], half_even(e["duration_seconds"] * 1000)) for e in events if e["duration_seconds"] is not None
    ]
    return [ms for moment, ms in known if moment + 1000 * ms <= t]


def dwell_logs(events, t):
    return [log_millionths((1000 + ms) / 1000) for ms in dwell_ms(events, t)]


def sessions_of(mine, gap):
    """A list of events for each session, all in time order."""
    found = []
    for event in sorted(mine, key=lambda e: e["timestamp"]):
        if not found or event["timestamp"] - found[-1][-1]["timestamp"] > gap:
            found.append([])
        found[-1].append(event)
    return found


def visits(sessions):
    """The first event on each item in each session."""
    return [next(e for e in s if e["item_id"] == i) for s in sessions for i in {e["item_id"] for e in s}]


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
    others = {e["item_id"] for e in mine} - {item_id}
    row = {
        **recency(mine, on_item, on_category, t),
        **frequency(mine, on_item, on_category, item["category"], t),
        **intent(mine, on_item, t),
        **habit(mine, session_so_far(mine, t, gap), sessions_of(mine, gap), t),
        **journey(mine, on_item, sessions_of(mine, gap), session_so_far(mine, t, gap), t),
        **first_and_last(on_item, on_category, items, item, t),
        **dwell_against(mine, on_item, t),
        **session(session_so_far(mine, t, gap), category_of, item_id, t),
        "other_open_carts": sum(is_open([e for e in mine if e["item_id"] == i], t) for i in others),
        **affinity(mine, on_category, items, item, decision["price"], t),
        **category(mine, on_category, item["category"], decision["price"], t),
        **item_features(log, item_id, item, decision["price"], t),
        **calendar(decision["event_type"], t),
    }
    return {name: row[name] for name in names}


def recency(mine, on_item, on_category, t):
    row = {"hours_since_last_event": age(mine, t, 3.6e9), "days_since_first_seen": age(mine, t, 8.64e10, oldest=True)}
    for measure in TYPES:
        row["user_item_hours_since_last_event"] = age(within(on_item, t, "30d"), t, 3.6e9)
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


def is_open(on_item, t):
    added = [e["timestamp"] for e in within(of_type(on_item, "cart"), t, "30d")]
    closed = [e["timestamp"] for e in of_type(on_item, "remove") + of_type(on_item, "purchase")]
    return bool(added) and all(max(added) > moment for moment in closed)


def habit(mine, so_far, sessions, t):
    recent = within(mine, t, "30d")
    views, scrolls, purchases = (len(of_type(recent, measure)) for measure in ("view", "scroll", "purchase"))
    logs = dwell_logs(recent, t)
    opened = len(within([s[0] for s in sessions], t, "30d"))
    now = len({e["item_id"] for e in so_far})
    seen = min(t - min(e["timestamp"] for e in mine), 30 * DAY) if mine else 0
    return {
        "dwell_log_30d": divide(sum(logs), 1_000_000 * len(logs)),
        "scroll_rate_30d": divide(2 * scrolls + 1, 2 * views + 4),
        "sessions_a_day_30d": divide(opened * DAY, seen + 3 * DAY),
        "items_a_session_30d": divide(len(within(visits(sessions), t, "30d")) - now, opened - bool(so_far)),
        "conversion_30d": divide(2 * purchases + 1, 2 * views + 60),
    }


def first_time(recent):
    """Of the first event that no silence of more than 14 days divides from the last."""
    times = sorted({e["timestamp"] for e in recent})
    gaps = [n for n in range(1, len(times)) if times[n] - times[n - 1] > 14 * DAY]
    return times[max(gaps, default=0)]


def journey(mine, on_item, sessions, so_far, t):
    names = ("sessions_since_last", "sessions_since_first", "visits_since_first", "events_since_last")
    names += ("hours_between_sessions", "hours_in_cart")
    recent = within(on_item, t, "30d")
    if not recent:
        return {f"user_item_{name}": None for name in names}
    first, last = first_time(recent), max(e["timestamp"] for e in recent)
    starts = [s[0]["timestamp"] for s in sessions] + ([] if so_far else [t])
    seen = [s[0]["timestamp"] for s in sessions if any(e in s for e in on_item)]
    known = len(seen) > 1 and seen[-2] >= t - 30 * DAY
    row = (
        sum(start > last for start in starts),
        sum(start > first for start in starts),
        sum(any(e in s and e["timestamp"] >= first for e in on_item) for s in sessions),
        sum(e["timestamp"] > last for e in mine),
        (seen[-1] - seen[-2]) / 3.6e9 if known else None,
        age(of_type(on_item, "cart"), t, 3.6e9) if is_open(on_item, t) else None,
    )
    return {f"user_item_{name}": value for name, value in zip(names, row, strict=True)}


def first_and_last(on_item, on_category, items, item, t):
    recent = within(on_item, t, "30d")
    names = ("discount_at_last", "discount_at_first", "first_in_evening", "category_views_before")
    if not recent:
        return {f"user_item_{name}": None for name in names}

    def discount(moment):
        found = [points(e["price"], item["base_price"]) for e in recent if e["timestamp"] == moment]
        return divide(max((p for p in found if p is not None), default=None), 100)

    first, last = first_time(recent), max(e["timestamp"] for e in recent)
    before = [e for e in within(of_type(on_category, "view"), t, "30d") if e["timestamp"] < first]
    views = None if item["category"] is None else len(before)
    row = (discount(last), discount(first), int(first % DAY // HOUR >= 18), views)
    return {f"user_item_{name}": value for name, value in zip(names, row, strict=True)}


def dwell_against(mine, on_item, t):
    user, own = (dwell_logs(within(events, t, "30d"), t) for events in (mine, on_item))
    row = {"dwell_log_vs_user_30d": divide(sum(own) * len(user) - sum(user) * len(own), 1_000_000 * len(user))}
    for name, chosen in (("last", last_dwell(within(on_item, t, "30d"), t)), ("largest", max(own, default=None))):
        against = None if chosen is None else divide(chosen * len(user) - sum(user), 1_000_000 * len(user))
        row[f"{name}_dwell_log_vs_user"] = against
    return {f"user_item_{name}": value for name, value in row.items()}


def last_dwell(recent, t):
    known = [(e["timestamp"], dwell_logs([e], t)) for e in recent]
    return max(((moment, logs[0]) for moment, logs in known if logs), default=(None, None))[1]


def category(mine, on_category, name, price, t):
    viewed, in_category = (within(of_type(events, "view"), t, "30d") for events in (mine, on_category))
    bought = len(within(of_type(on_category, "purchase"), t, "30d"))
    share, conversion = (
        divide(5 * len(in_category) + 4, 5 * len(viewed) + 20),
        (2 * bought + 1, 2 * len(in_category) + 60),
    )
    return {
        "user_category_view_share_30d": None if name is None else share,
        "user_category_conversion_30d": None if name is None else divide(*conversion),
        "price_log_vs_viewed_30d": price_log_vs(price, viewed),
        "user_category_price_log_vs_viewed_30d": None if name is None else price_log_vs(price, in_category),
    }


def price_log_vs(price, viewed):
    own = log_millionths(cents(price))
    known = [x for e in viewed if (x := log_millionths(cents(e["price"]))) is not None]
    return None if own is None else divide(own * len(known) - sum(known), 1_000_000 * len(known))


def intent(mine, on_item, t):
    def count(events, measure, window):
        return len(within(of_type(events, measure), t, window))

    item_ms, user_ms = (dwell_ms(within(events, t, "30d"), t) for events in (on_item, mine))
    return {
        "scroll_to_view_7d": divide(count(mine, "scroll", "7d"), count(mine, "view", "7d")),
        "cart_to_view_7d": divide(count(mine, "cart", "7d"), count(mine, "view", "7d")),
        "purchase_to_cart_30d": divide(count(mine, "purchase", "30d"), count(mine, "cart", "30d")),
        "user_item_cart_to_view_30d": divide(count(on_item, "cart", "30d"), count(on_item, "view", "30d")),
        "user_item_dwell_seconds_30d": sum(item_ms) / 1000,
        "user_item_dwell_vs_user_30d": divide(sum(item_ms) * len(user_ms), sum(user_ms) * len(item_ms)),
        "user_item_open_cart": int(is_open(on_item, t)),
    }


def session(so_far, category_of, item_id, t):
    views, on_item = of_type(so_far, "view"), [e for e in so_far if e["item_id"] == item_id]
    own = category_of.get(item_id)
    categories = {category_of.get(e["item_id"]) for e in so_far} - {None}
    return {
        "session_event_count": len(so_far),
        **{f"session_{measure}_count": len(of_type(so_far, measure)) for measure in TYPES},
        "session_item_count": len({e["item_id"] for e in so_far}),
        "session_category_count": len(categories),
        "session_item_view_count": len(of_type(on_item, "view")),
        "session_item_view_share": divide(len(of_type(on_item, "view")), len(views)),
        "session_category_view_count": None
        if own is None
        else sum(category_of.get(e["item_id"]) == own for e in views),
        "session_item_seconds": sum(dwell_ms(on_item, t)) / 1000,
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
