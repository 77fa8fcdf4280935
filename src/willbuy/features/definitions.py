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
        f"Sum of dwell_ms over the events of any type {WHOSE['user_item']} with {within('30d')}, / 1000, one division. "
        "Events without a duration add nothing; 0 if there are none."
    )
    formula = Formula((item_ms,), over=(constant(1000),))
    yield Feature("intent", "user_item_dwell_seconds_30d", "seconds", words, formula)
    words = (
        "(item_ms x user_n) / (user_ms x item_n), one division: mean dwell on this item over mean dwell on all items. "
        f"_ms sums dwell_ms and _n counts the events of any type with a duration, of this user with {within('30d')}; "
        "item_ on this item, user_ on all items."
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


SESSION = {
    "session_event_count": ("user", "event", "Number of events"),
    "session_view_count": ("user", "view", "Number of `view` events"),
    "session_cart_count": ("user", "cart", "Number of `add_to_cart` events"),
    "session_item_count": ("user", "items", "Number of different item_id among the events"),
    "session_category_count": ("user", "categories", "Number of different non-null categories among the items"),
    "session_item_view_count": ("user_item", "view", "Number of `view` events of this item"),
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


def _price_vs(whose: str, events: str) -> Feature:
    count, total = (Quantity("user", f"{whose}_{m}", "30d") for m in ("prices", "cents"))
    words = (
        "(price_cents x n) / sum_cents, one division: the decision's price over the user's mean price. n counts and "
        f"sum_cents sums the price_cents of {events} events of this user with a price, with {within('30d')}. "
        "Null if the decision has no price."
    )
    return _ratio("affinity", f"price_vs_{whose}_30d", Formula((decision("cents"), count), over=(total,)), words)


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
    *_session(),
    *_affinity(),
    *_item(),
    *_calendar(),
)
NAMES = tuple(feature.name for feature in FEATURES)
