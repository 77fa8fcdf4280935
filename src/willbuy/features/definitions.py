"""The one list of features. Kernel, tables, dictionary, model card and server all read it; nothing else defines one.

A feature belongs to a decision point: user, item, event type and price at time t. Its `formula` says what the kernel
computes and its `description` says the same in words; docs/features.md opens with the rules common to all of them.
"""

from collections.abc import Iterator

from willbuy.clock import DAY_US, HOUR_US
from willbuy.features.feature import DAYS, EVENTS, WINDOWS, Feature, Formula, Quantity, constant, decision, within
from willbuy.features.kernel import TALLIED

WHOSE = {
    "user": "of this user",
    "user_item": "of this user on this item",
    "user_category": "of this user on items of this item's category",
}
WORDS = {measure: f"`{event_type}`" for measure, event_type in EVENTS.items()}
NO_CATEGORY = {"user_category": " Null if this item's category is null."}
DISCOUNT = "round(10000 x (base_cents - price_cents) / base_cents), half to even"


LOGS = "logarithms are log_millionths, and 1e6 makes them natural again"


def _named(key: str, name: str) -> str:
    return name if key == "user" else f"{key}_{name}"


def _ratio(family: str, name: str, formula: Formula, words: str) -> Feature:
    return Feature(family, name, "ratio", f"{words} Null if the divisor is 0.", formula)


def _hours_since(key: str, measure: str) -> Feature:
    window = "ever" if key == "user" else "30d"
    events = {**WORDS, "event": "all"}[measure]
    when = "timestamp < t, however long ago" if window == "ever" else within(window)
    words = (
        f"(t - last) in microseconds / 3.6e9, one division; last is the latest timestamp of {events} events "
        f"{WHOSE[key]} with {when}. Null if there is none.{NO_CATEGORY.get(key, '')}"
    )
    formula = Formula((Quantity(key, f"since_{measure}", window),), over=(constant(HOUR_US),))
    return Feature("recency", _named(key, f"hours_since_last_{measure}"), "hours", words, formula)


def _recency() -> Iterator[Feature]:
    yield _hours_since("user", "event")
    yield _hours_since("user_item", "event")
    for key in WHOSE:
        for measure in ("view", "cart", "purchase"):
            yield _hours_since(key, measure)
    words = (
        "(t - first) in microseconds / 8.64e10, one division; first is the earliest timestamp of all events of this "
        "user with timestamp < t, however long ago. Null if there is none."
    )
    formula = Formula((Quantity("user", "since_first", "ever"),), over=(constant(DAY_US),))
    yield Feature("recency", "days_since_first_seen", "days", words, formula)


def _event_count(key: str, measure: str, window: str) -> Feature:
    words = f"Number of {WORDS[measure]} events {WHOSE[key]} with {within(window)}.{NO_CATEGORY.get(key, '')}"
    formula = Formula((Quantity(key, measure, window),))
    return Feature("frequency", _named(key, f"{measure}_count_{window}"), "count", words, formula, "int32")


def _event_counts(key: str, *measures: str) -> Iterator[Feature]:
    for measure in measures:
        for window in WINDOWS:
            yield _event_count(key, measure, window)


def _frequency() -> Iterator[Feature]:
    yield from _event_counts("user", *EVENTS)
    for window in DAYS:
        words = f"Number of different item_id among the `view` events of this user with {within(window)}."
        formula = Formula((Quantity("user", "viewed_items", window),))
        yield Feature("frequency", f"distinct_items_{window}", "count", words, formula, "int32")
    yield from _event_counts("user_item", "view", "cart", "purchase")
    yield from _event_counts("user_category", "view", "cart", "purchase")


def _rate(key: str, above: str, below: str, window: str) -> Feature:
    # What it divides need not be features themselves.
    counts = [_named(key, f"{measure}_count_{window}") for measure in (above, below)]
    formula = Formula((Quantity(key, above, window),), over=(Quantity(key, below, window),))
    name = _named(key, f"{above}_to_{below}_{window}")
    return _ratio("intent", name, formula, f"{counts[0]} / {counts[1]}, one division.")


def _dwell() -> Iterator[Feature]:
    item_ms, item_n = (Quantity("user_item", m, "30d") for m in ("dwell_ms", "dwell_events"))
    user_ms, user_n = (Quantity("user", m, "30d") for m in ("dwell_ms", "dwell_events"))
    words = (
        f"Sum of dwell_ms over the events of any type {WHOSE['user_item']} with {within('30d')} whose dwell had ended "
        "by t, / 1000, one division. Events without a duration add nothing; 0 if there are none."
    )
    formula = Formula((item_ms,), over=(constant(1000),))
    yield Feature("intent", "user_item_dwell_seconds_30d", "seconds", words, formula)
    words = (
        "(item_ms x user_n) / (user_ms x item_n), one division: mean dwell on this item over mean dwell on all items. "
        f"_ms sums dwell_ms and _n counts the events of any type of this user with {within('30d')} whose dwell had "
        "ended by t; item_ on this item, user_ on all items."
    )
    yield _ratio("intent", "user_item_dwell_vs_user_30d", Formula((item_ms, user_n), over=(user_ms, item_n)), words)


def _intent() -> Iterator[Feature]:
    yield _rate("user", "scroll", "view", "7d")
    yield _rate("user", "cart", "view", "7d")
    yield _rate("user", "purchase", "cart", "30d")
    yield _rate("user_item", "cart", "view", "30d")
    yield from _dwell()
    words = (
        f"1 if this user has an `add_to_cart` of this item with {within('30d')}, and the latest one is strictly later "
        "than every `remove_from_cart` and `purchase` of this item by this user with timestamp < t; else 0. "
        "A removal or purchase at the very same microsecond closes the cart."
    )
    formula = Formula((Quantity("user_item", "open_cart", "30d"),))
    yield Feature("intent", "user_item_open_cart", "0 or 1", words, formula, "int8")


def _conversion(family: str, key: str) -> Feature:
    views, purchases = (_named(key, f"{measure}_count_30d") for measure in ("view", "purchase"))
    words = f"({purchases} + 0.5) / ({views} + 30), computed as (2 x purchases + 1) / (2 x views + 60)"
    words = f"{words}, one division.{NO_CATEGORY.get(key, '')}"
    two, bought, viewed = constant(2), Quantity(key, "purchase", "30d"), Quantity(key, "view", "30d")
    formula = Formula((two, bought), plus=(constant(1),), over=(two, viewed), over_plus=(constant(60),))
    return Feature(family, _named(key, "conversion_30d"), "ratio", words, formula)


def _habit() -> Iterator[Feature]:
    thirty = within("30d")
    total, count = (Quantity("user", m, "30d") for m in ("dwell_log", "dwell_events"))
    words = (
        f"sum / (1e6 x n), one division: mean ln(1 + dwell). sum adds and n counts the dwell_log of the events of any "
        f"type of this user with {thirty} whose dwell had ended by t; {LOGS}."
    )
    yield _ratio("habit", "dwell_log_30d", Formula((total,), over=(constant(1_000_000), count)), words)
    two, scrolled, viewed = constant(2), Quantity("user", "scroll", "30d"), Quantity("user", "view", "30d")
    words = "(scroll_count_30d + 0.5) / (view_count_30d + 2), (2 x scrolls + 1) / (2 x views + 4) in one division."
    formula = Formula((two, scrolled), plus=(constant(1),), over=(two, viewed), over_plus=(constant(4),))
    yield Feature("habit", "scroll_rate_30d", "ratio", words, formula)
    sessions, seen = Quantity("user", "sessions", "30d"), Quantity("user", "seen_us", "30d")
    words = (
        f"n / (days + 3), computed as n x 8.64e10 / (microseconds + 3 x 8.64e10), one division. n counts the events of "
        f"this user with {thirty} that open a session; days is the time since this user's first event, at most 30 d, "
        "and 0 without one."
    )
    formula = Formula((constant(DAY_US), sessions), over=(seen,), over_plus=(constant(3 * DAY_US),))
    yield Feature("habit", "sessions_a_day_30d", "1 / day", words, formula)
    yield _items_a_session()
    yield _conversion("habit", "user")


def _items_a_session() -> Feature:
    visits, opened = (Quantity("user", measure, "30d") for measure in ("visits", "sessions"))
    now, goes_on = (Quantity("user", measure, "session") for measure in ("visits", "sessions"))
    words = (
        "(visits - visits of the session so far) / (sessions - 1 if the decision goes on with one), one division: "
        f"different items a finished session. Of the events of this user with {within('30d')}, visits are those that "
        "are the first on their item in their session, and sessions those that open one. Null if the divisor is 0."
    )
    formula = Formula((visits,), less=(now,), over=(opened,), over_plus=(constant(-1), goes_on))
    return Feature("habit", "items_a_session_30d", "items", words, formula)


def _way(name: str, measure: str, unit: str, words: str, scale: int = 1) -> Feature:
    words = f"{words} Null without an event of this user on this item with {within('30d')}."
    formula = Formula((Quantity("user_item", measure, "30d"),), over=(constant(scale),) if scale != 1 else ())
    return Feature("journey", f"user_item_{name}", unit, words, formula)


FIRST = (
    "first is the first event of this user on this item that has no silence of more than 14 d between two events on it "
    f"after it, of those with {within('30d')}"
)


def _journey() -> Iterator[Feature]:
    began = "Number of sessions of this user that began after {} and before t, and 1 more if the decision opens one"
    words = began.format("the last event on this item")
    yield _way("sessions_since_last", "sessions_since_last", "sessions", f"{words}.")
    words = began.format("first")
    yield _way("sessions_since_first", "sessions_since_first", "sessions", f"{words}; {FIRST}.")
    words = f"Number of sessions of this user with an event on this item from first on; {FIRST}."
    yield _way("visits_since_first", "visits_since_first", "sessions", words)
    words = (
        "Number of events of this user, on any item, with last < timestamp < t; last is that of the last on this item."
    )
    yield _way("events_since_last", "events_since_last", "events", words)
    words = (
        "(start - start before) in microseconds / 3.6e9, one division: between the first timestamps of the two latest "
        "sessions of this user with an event on this item. Null if there is one only, or one began before t - 30 d."
    )
    yield _way("hours_between_sessions", "between_sessions", "hours", words, HOUR_US)
    words = (
        "(t - added) in microseconds / 3.6e9, one division; added is the timestamp of the last `add_to_cart` of this "
        "item. Null if user_item_open_cart is 0."
    )
    yield _way("hours_in_cart", "in_cart", "hours", words, HOUR_US)
    yield from _first_and_last()
    yield from _dwell_logs()


def _first_and_last() -> Iterator[Feature]:
    tie = "of two at the same time the larger. Null if that event has none."
    words = f"points / 100, one division, of the last event of this user on this item; points = {DISCOUNT}; {tie}"
    yield _way("discount_at_last", "last_points", "percent", words, 100)
    words = f"points / 100, one division, of first; points = {DISCOUNT}; {FIRST}; {tie}"
    yield _way("discount_at_first", "first_points", "percent", words, 100)
    words = f"1 if the hour of first in UTC is 18 or later, else 0; {FIRST}."
    yield _way("first_in_evening", "first_in_evening", "0 or 1", words)
    words = (
        f"Number of `view` events {WHOSE['user_category']} with t - 30 d <= timestamp < that of first; {FIRST}. "
        "Null if this item's category is null."
    )
    yield _way("category_views_before", "category_views_before", "events", words)


def _dwell_logs() -> Iterator[Feature]:
    user_log, user_n = (Quantity("user", m, "30d") for m in ("dwell_log", "dwell_events"))
    item_log, item_n = (Quantity("user_item", m, "30d") for m in ("dwell_log", "dwell_events"))
    over, rule = (constant(1_000_000), user_n), f"of this user with {within('30d')} whose dwell had ended by t"
    words = (
        "(item_log x user_n - user_log x item_n) / (1e6 x user_n), one division: by how much ln(1 + dwell) on this "
        f"item exceeds the user's mean, summed over the events. _log sums dwell_log and _n counts the events of any "
        f"type {rule}; item_ on this item, user_ on all; {LOGS}. Null if user_n is 0."
    )
    formula = Formula((item_log, user_n), less=(user_log, item_n), over=over)
    yield Feature("journey", "user_item_dwell_log_vs_user_30d", "ln", words, formula)
    for which, why in (("last", "; of two at the same time the larger"), ("largest", "")):
        words = (
            f"(log x user_n - user_log) / (1e6 x user_n), one division. log is the {which} dwell_log of the events "
            f"{rule} on this item{why}; user_log sums and user_n counts those on all items; {LOGS}. "
            "Null without one on this item."
        )
        formula = Formula((Quantity("user_item", f"{which}_dwell_log", "30d"), user_n), less=(user_log,), over=over)
        yield Feature("journey", f"user_item_{which}_dwell_log_vs_user", "ln", words, formula)


SESSION = {
    "session_event_count": ("user", "event", "Number of events"),
    "session_view_count": ("user", "view", "Number of `view` events"),
    "session_cart_count": ("user", "cart", "Number of `add_to_cart` events"),
    "session_item_count": ("user", "items", "Number of different item_id among the events"),
    "session_category_count": ("user", "categories", "Number of different non-null categories among the items"),
    "session_item_view_count": ("user_item", "view", "Number of `view` events of this item"),
    "session_purchase_count": ("user", "purchase", "Number of `purchase` events"),
}


def _session() -> Iterator[Feature]:
    for name, (key, measure, counted) in SESSION.items():
        words = f"{counted} of this user's session so far. 0 if the decision opens a session."
        yield Feature("session", name, "count", words, Formula((Quantity(key, measure, "session"),)), "int32")
    words = (
        "(t - start) in microseconds / 1e6, one division; start is the first timestamp of this user's session so far. "
        "0 if the decision opens a session."
    )
    formula = Formula((Quantity("user", "since_start", "session"),), over=(constant(1_000_000),))
    yield Feature("session", "session_seconds", "seconds", words, formula)
    yield from _session_on_item()


def _session_on_item() -> Iterator[Feature]:
    words = (
        "Sum of dwell_ms over the events of this item of this user's session so far whose dwell had ended by t, "
        "/ 1000, one division. 0 if there are none."
    )
    formula = Formula((Quantity("user_item", "dwell_ms", "session"),), over=(constant(1000),))
    yield Feature("session", "session_item_seconds", "seconds", words, formula)
    formula = Formula((Quantity("user_item", "view", "session"),), over=(Quantity("user", "view", "session"),))
    yield _ratio("session", "session_item_view_share", formula, "session_item_view_count / session_view_count.")
    words = (
        "Number of `view` events on items of this item's category of this user's session so far. 0 if the decision "
        "opens a session. Null if this item's category is null."
    )
    formula = Formula((Quantity("user_category", "view", "session"),))
    yield Feature("session", "session_category_view_count", "count", words, formula, "int32")
    words = "Number of items other than this one of which user_item_open_cart is 1 for this user at t."
    yield Feature(
        "session", "other_open_carts", "count", words, Formula((Quantity("user", "other_carts", "30d"),)), "int32"
    )


def _price_vs(whose: str, events: str) -> Feature:
    count, total = (Quantity("user", f"{whose}_{m}", "30d") for m in ("prices", "cents"))
    words = (
        "(price_cents x n) / sum_cents, one division: the decision's price over the user's mean price. n counts and "
        f"sum_cents sums the price_cents of {events} events of this user with a price, with {within('30d')}. "
        "Null if the decision has no price."
    )
    return _ratio("affinity", f"price_vs_{whose}_30d", Formula((decision("cents"), count), over=(total,)), words)


def _price_log(key: str, whose: str) -> Feature:
    count, total = (Quantity(key, f"viewed_{m}", "30d") for m in ("logs", "log"))
    words = (
        "(price_log x n - sum_log) / (1e6 x n), one division: ln of the decision's price minus the user's mean of it. "
        f"price_log is the decision's; n counts and sum_log sums the price_log of `view` events {whose} that have one, "
        f"with {within('30d')}; {LOGS}. Null if the decision has none, or n is 0.{NO_CATEGORY.get(key, '')}"
    )
    formula = Formula((decision("price_log"), count), less=(total,), over=(constant(1_000_000), count))
    return Feature("affinity", _named(key, "price_log_vs_viewed_30d"), "ln", words, formula)


def _category() -> Iterator[Feature]:
    mine, views = Quantity("user_category", "view", "30d"), Quantity("user", "view", "30d")
    words = (
        "(user_category_view_count_30d + 0.8) / (view_count_30d + 4), computed as (5 x views in the category + 4) / "
        "(5 x views + 20), one division. Null if this item's category is null."
    )
    five = constant(5)
    formula = Formula((five, mine), plus=(constant(4),), over=(five, views), over_plus=(constant(20),))
    yield Feature("affinity", "user_category_view_share_30d", "ratio", words, formula)
    yield _conversion("affinity", "user_category")
    yield _price_log("user", WHOSE["user"])
    yield _price_log("user_category", WHOSE["user_category"])


def _affinity() -> Iterator[Feature]:
    words = "user_category_view_count_30d / view_count_30d, one division. Null if this item's category is null."
    formula = Formula((Quantity("user_category", "view", "30d"),), over=(Quantity("user", "view", "30d"),))
    yield _ratio("affinity", "user_category_share_30d", formula, words)
    yield _price_vs("viewed", "`view`")
    yield _price_vs("bought", "`purchase`")
    count, total = (Quantity("user", f"viewed_{m}", "30d") for m in ("discounts", "points"))
    words = (
        "(points x n - sum_points) / (100 x n), one division: the decision's discount minus the user's mean discount. "
        f"points = {DISCOUNT}, is the decision's; n counts and sum_points sums the points of `view` events of this "
        f"user that have them, with {within('30d')}. Null if price or base price is null, or base_cents or n is 0."
    )
    formula = Formula((decision("points"), count), less=(total,), over=(constant(100), count))
    yield Feature("affinity", "discount_vs_viewed_30d", "percentage points", words, formula)
    yield from _category()


def _known(family: str, name: str, measure: str, unit: str, words: str, dtype: str = "float64") -> Feature:
    return Feature(family, name, unit, words, Formula((decision(measure),)), dtype)


def _item() -> Iterator[Feature]:
    words = "The decision event's price, as logged. Null if the log has none."
    yield _known("item", "item_price", "price", "currency", words)
    words = "base_price of this item in items. Null if it has none there."
    yield _known("item", "item_base_price", "base_price", "currency", words)
    hundred, price, base = constant(100), decision("cents"), decision("base_cents")
    words = (
        "(100 x base_cents - 100 x price_cents) / base_cents, one division: 100 x (1 - price / base). "
        "Null if either is null or base_cents is 0."
    )
    formula = Formula((hundred, base), less=(hundred, price), over=(base,))
    yield Feature("item", "item_discount_pct", "percent", words, formula)
    words = "category of this item in items. Null if it has none."
    yield _known("item", "item_category", "category", "", words, "string")
    yield from _item_counts()
    for window in ("7d", "30d"):
        words = f"item_purchase_count_{window} / item_view_count_{window}, one division."
        formula = Formula((Quantity("item", "purchase", window),), over=(Quantity("item", "view", window),))
        yield _ratio("item", f"item_conversion_{window}", formula, words)


def _item_counts() -> Iterator[Feature]:
    for measure in TALLIED:
        for window, days in DAYS.items():
            words = (
                f"Number of {WORDS[measure]} events of all users on this item in the {days} complete UTC day(s) before "
                f"the day of t: midnight(t) - {days} d <= timestamp < midnight(t)."
            )
            formula = Formula((Quantity("item", measure, window),))
            yield Feature("item", f"item_{measure}_count_{window}", "count", words, formula, "int32")


def _calendar() -> Iterator[Feature]:
    yield _known("calendar", "hour", "hour", "0 to 23", "Hour of t in UTC.", "int8")
    yield _known("calendar", "weekday", "weekday", "0 to 6", "Day of the week of t in UTC, Monday = 0.", "int8")
    words = "1 if the decision event is an `add_to_cart`, 0 if it is a `view`."
    yield _known("calendar", "is_cart", "is_cart", "0 or 1", words, "int8")


FEATURES: tuple[Feature, ...] = (
    *_recency(),
    *_frequency(),
    *_intent(),
    *_habit(),
    *_journey(),
    *_session(),
    *_affinity(),
    *_item(),
    *_calendar(),
)
NAMES = tuple(feature.name for feature in FEATURES)
