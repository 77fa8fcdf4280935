"""The one list of features. Kernel, tables, dictionary, model card and server all read it; nothing else defines one.

A feature belongs to a decision point: user, item, event type and price at time t. Its `formula` says what the kernel
computes and its `description` says the same in words; docs/features.md opens with the rules common to all of them.
"""

from collections.abc import Iterator

from willbuy.clock import DAY_US, HOUR_US
from willbuy.features.feature import DAYS, EVENTS, WINDOWS, Feature, Formula, Quantity, constant, decision, within

WHOSE = {
    "user": "of this user",
    "user_item": "of this user on this item",
    "user_category": "of this user on items of this item's category",
}
WORDS = {measure: f"`{event_type}`" for measure, event_type in EVENTS.items()}
NO_CATEGORY = {"user_category": " Null if this item's category is null."}
DISCOUNT = "round(10000 x (base_cents - price_cents) / base_cents), half to even"


def _prefix(key: str) -> str:
    return "" if key == "user" else f"{key}_"


def _age(name: str, quantity: Quantity, unit: str, microseconds: int, description: str) -> Feature:
    formula = Formula((quantity,), over=(constant(microseconds),))
    what, window = "time " + quantity.measure.replace("_", " "), quantity.window
    return Feature(name, "recency", quantity.key, what, window, unit, description, "float64", True, formula)


def _hours_since(key: str, measure: str) -> Feature:
    window = "ever" if key == "user" else "30d"
    events = {**WORDS, "event": "all"}[measure]
    when = "timestamp < t, however long ago" if window == "ever" else within(window)
    description = (
        f"(t - last) in microseconds / 3.6e9, one division; last is the latest timestamp of {events} events "
        f"{WHOSE[key]} with {when}. Null if there is none.{NO_CATEGORY.get(key, '')}"
    )
    name = f"{_prefix(key)}hours_since_last_{measure}"
    return _age(name, Quantity(key, f"since_{measure}", window), "hours", HOUR_US, description)


def _recency() -> Iterator[Feature]:
    yield _hours_since("user", "event")
    for key in WHOSE:
        for measure in ("view", "cart", "purchase"):
            yield _hours_since(key, measure)
    description = (
        "(t - first) in microseconds / 8.64e10, one division; first is the earliest timestamp of all events of this "
        "user with timestamp < t, however long ago. Null if there is none."
    )
    yield _age("days_since_first_seen", Quantity("user", "since_first", "ever"), "days", DAY_US, description)


def _count(name: str, family: str, quantity: Quantity, what: str, description: str, nullable: bool = False) -> Feature:
    key, window = quantity.key, quantity.window
    return Feature(name, family, key, what, window, "count", description, "int32", nullable, Formula((quantity,)))


def _event_counts(key: str, measures: tuple[str, ...]) -> Iterator[Feature]:
    for measure in measures:
        for window in WINDOWS:
            name, what = f"{_prefix(key)}{measure}_count_{window}", f"{WORDS[measure]} events"
            description = f"Number of {what} {WHOSE[key]} with {within(window)}.{NO_CATEGORY.get(key, '')}"
            yield _count(name, "frequency", Quantity(key, measure, window), what, description, key == "user_category")


def _frequency() -> Iterator[Feature]:
    yield from _event_counts("user", tuple(EVENTS))
    for window in DAYS:
        description = f"Number of different item_id among the `view` events of this user with {within(window)}."
        quantity = Quantity("user", "viewed_items", window)
        yield _count(f"distinct_items_{window}", "frequency", quantity, "different items viewed", description)
    yield from _event_counts("user_item", ("view", "cart", "purchase"))
    yield from _event_counts("user_category", ("view", "cart", "purchase"))


def _ratio(name: str, family: str, key: str, what: str, window: str, formula: Formula, description: str) -> Feature:
    words = f"{description} Null if the divisor is 0."
    return Feature(name, family, key, what, window, "ratio", words, "float64", True, formula)


def _rate(key: str, above: str, below: str, window: str) -> Feature:
    name, what = f"{_prefix(key)}{above}_to_{below}_{window}", f"{WORDS[above]} events over {WORDS[below]} events"
    counts = [f"{_prefix(key)}{measure}_count_{window}" for measure in (above, below)]
    # scroll_to_view_7d and its like divide two counts; those counts need not be features themselves.
    description = f"{counts[0]} / {counts[1]}, one division."
    formula = Formula((Quantity(key, above, window),), over=(Quantity(key, below, window),))
    return _ratio(name, "intent", key, what, window, formula, description)


def _dwell() -> Iterator[Feature]:
    item_ms, item_n = (Quantity("user_item", m, "30d") for m in ("dwell_ms", "dwell_events"))
    user_ms, user_n = (Quantity("user", m, "30d") for m in ("dwell_ms", "dwell_events"))
    description = (
        f"Sum of dwell_ms over the events of any type {WHOSE['user_item']} with {within('30d')}, / 1000, one division. "
        "Events without a duration add nothing; 0 if there are none."
    )
    name, formula = "user_item_dwell_seconds_30d", Formula((item_ms,), over=(constant(1000),))
    yield Feature(name, "intent", "user_item", "dwell", "30d", "seconds", description, "float64", False, formula)
    description = (
        "(item_ms x user_n) / (user_ms x item_n), one division: mean dwell on this item over mean dwell on all items. "
        f"_ms sums dwell_ms and _n counts the events of any type with a duration, of this user with {within('30d')}; "
        "item_ on this item, user_ on all items."
    )
    name, formula = "user_item_dwell_vs_user_30d", Formula((item_ms, user_n), over=(user_ms, item_n))
    yield _ratio(name, "intent", "user_item", "mean dwell over the user's mean", "30d", formula, description)


def _intent() -> Iterator[Feature]:
    yield _rate("user", "scroll", "view", "7d")
    yield _rate("user", "cart", "view", "7d")
    yield _rate("user", "purchase", "cart", "30d")
    yield _rate("user_item", "cart", "view", "30d")
    yield from _dwell()
    description = (
        f"1 if this user has an `add_to_cart` of this item with {within('30d')}, and the latest one is strictly later "
        "than every `remove_from_cart` and `purchase` of this item by this user with timestamp < t; else 0. "
        "A removal or purchase at the very same microsecond closes the cart."
    )
    formula = Formula((Quantity("user_item", "open_cart", "30d"),))
    name, what = "user_item_open_cart", "added, since then neither removed nor bought"
    yield Feature(name, "intent", "user_item", what, "30d", "0 or 1", description, "int8", False, formula)


SESSION = {
    "session_event_count": ("user", "event", "Number of events"),
    "session_view_count": ("user", "view", "Number of `view` events"),
    "session_cart_count": ("user", "cart", "Number of `add_to_cart` events"),
    "session_item_count": ("user", "items", "Number of different item_id among the events"),
    "session_category_count": ("user", "categories", "Number of different non-null categories among the items"),
    "session_item_view_count": ("user_item", "view", "Number of `view` events of this item"),
}


def _session() -> Iterator[Feature]:
    for name, (key, measure, what) in SESSION.items():
        description = f"{what} of this user's session so far. 0 if the decision opens a session."
        yield _count(name, "session", Quantity(key, measure, "session"), what, description)
    description = (
        "(t - start) in microseconds / 1e6, one division; start is the first timestamp of this user's session so far. "
        "0 if the decision opens a session."
    )
    formula = Formula((Quantity("user", "since_start", "session"),), over=(constant(1_000_000),))
    name, what = "session_seconds", "time since the session's first event"
    yield Feature(name, "session", "user", what, "session", "seconds", description, "float64", False, formula)


def _price_vs(name: str, whose: str, events: str) -> Feature:
    count, total = (Quantity("user", f"{whose}_{m}", "30d") for m in ("prices", "cents"))
    description = (
        "(price_cents x n) / sum_cents, one division: the decision's price over the user's mean price. n counts and "
        f"sum_cents sums the price_cents of {events} events of this user with a price, with {within('30d')}. "
        "Null if the decision has no price."
    )
    formula, what = Formula((decision("cents"), count), over=(total,)), f"price over mean price of {events} events"
    return _ratio(name, "affinity", "user", what, "30d", formula, description)


def _affinity() -> Iterator[Feature]:
    description = "user_category_view_count_30d / view_count_30d, one division. Null if this item's category is null."
    formula = Formula((Quantity("user_category", "view", "30d"),), over=(Quantity("user", "view", "30d"),))
    what = "share of the user's `view` events"
    yield _ratio("user_category_share_30d", "affinity", "user_category", what, "30d", formula, description)
    yield _price_vs("price_vs_viewed_30d", "viewed", "`view`")
    yield _price_vs("price_vs_bought_30d", "bought", "`purchase`")
    count, total = (Quantity("user", f"viewed_{m}", "30d") for m in ("discounts", "points"))
    formula = Formula((decision("points"), count), less=(total,), over=(constant(100), count))
    description = (
        "(points x n - sum_points) / (100 x n), one division: the decision's discount minus the user's mean discount. "
        f"points = {DISCOUNT}, is the decision's; n counts and sum_points sums the points of `view` events of this "
        f"user that have them, with {within('30d')}. Null if price or base price is null, or base_cents or n is 0."
    )
    name, what, unit = "discount_vs_viewed_30d", "discount minus mean discount of `view` events", "percentage points"
    yield Feature(name, "affinity", "user", what, "30d", unit, description, "float64", True, formula)


def _carried(name: str, measure: str, unit: str, description: str, dtype: str, family: str = "item") -> Feature:
    formula, nullable, what = Formula((decision(measure),)), family == "item", measure.replace("_", " ")
    return Feature(name, family, "decision", what, "at t", unit, description, dtype, nullable, formula)


def _item() -> Iterator[Feature]:
    words = "The decision event's price, as logged. Null if the log has none."
    yield _carried("item_price", "price", "currency", words, "float64")
    words = "base_price of this item in items. Null if it has none there."
    yield _carried("item_base_price", "base_price", "currency", words, "float64")
    hundred, price, base = constant(100), decision("cents"), decision("base_cents")
    words = (
        "(100 x base_cents - 100 x price_cents) / base_cents, one division: 100 x (1 - price / base). "
        "Null if either is null or base_cents is 0."
    )
    formula = Formula((hundred, base), less=(hundred, price), over=(base,))
    name, what = "item_discount_pct", "discount on the base price"
    yield Feature(name, "item", "decision", what, "at t", "percent", words, "float64", True, formula)
    yield _carried("item_category", "category", "", "category of this item in items. Null if it has none.", "string")
    yield from _item_counts()
    for window in ("7d", "30d"):
        words = f"item_purchase_count_{window} / item_view_count_{window}, one division."
        formula = Formula((Quantity("item", "purchase", window),), over=(Quantity("item", "view", window),))
        what = "`purchase` events over `view` events"
        yield _ratio(f"item_conversion_{window}", "item", "item", what, window, formula, words)


def _item_counts() -> Iterator[Feature]:
    for measure in ("view", "cart", "purchase"):
        for window, days in DAYS.items():
            what = f"{WORDS[measure]} events"
            description = (
                f"Number of {what} of all users on this item in the {days} complete UTC day(s) before the day of t: "
                f"midnight(t) - {days} d <= timestamp < midnight(t)."
            )
            yield _count(f"item_{measure}_count_{window}", "item", Quantity("item", measure, window), what, description)


def _calendar() -> Iterator[Feature]:
    yield _carried("hour", "hour", "0 to 23", "Hour of t in UTC.", "int8", "calendar")
    yield _carried("weekday", "weekday", "0 to 6", "Day of the week of t in UTC, Monday = 0.", "int8", "calendar")
    words = "1 if the decision event is an `add_to_cart`, 0 if it is a `view`."
    yield _carried("is_cart", "is_cart", "0 or 1", words, "int8", "calendar")


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
