"""The names, types and words of the features are a contract with models, the API and everyone's SQL."""

import pyarrow as pa
import pytest

from willbuy.features.definitions import FEATURES, NAMES
from willbuy.features.feature import DAYS, FAMILIES, WINDOWS
from willbuy.features.tables import schema
from willbuy.schema import DECISIONS

THREE = ("view", "cart", "purchase")
PROMISED = {
    "recency": [
        "hours_since_last_event",
        "days_since_first_seen",
        "user_item_hours_since_last_event",
        *(f"{key}hours_since_last_{what}" for key in ("", "user_item_", "user_category_") for what in THREE),
    ],
    "frequency": [
        *(f"{what}_count_{w}" for what in (*THREE, "scroll", "remove") for w in WINDOWS),
        *(f"{key}_{what}_count_{w}" for key in ("user_item", "user_category") for what in THREE for w in WINDOWS),
        *(f"distinct_items_{w}" for w in DAYS),
    ],
    "intent": [
        "scroll_to_view_7d",
        "cart_to_view_7d",
        "purchase_to_cart_30d",
        "user_item_cart_to_view_30d",
        "user_item_dwell_seconds_30d",
        "user_item_dwell_vs_user_30d",
        "user_item_open_cart",
    ],
    "habit": ["dwell_log_30d", "scroll_rate_30d", "sessions_a_day_30d", "items_a_session_30d", "conversion_30d"],
    "journey": [
        *(f"user_item_{what}_since_last" for what in ("sessions", "events")),
        *(f"user_item_{what}_since_first" for what in ("sessions", "visits")),
        *("user_item_hours_between_sessions", "user_item_hours_in_cart"),
        *("user_item_discount_at_last", "user_item_discount_at_first"),
        *("user_item_first_in_evening", "user_item_category_views_before"),
        "user_item_dwell_log_vs_user_30d",
        *(f"user_item_{which}_dwell_log_vs_user" for which in ("last", "largest")),
    ],
    "session": [
        *(f"session_{what}_count" for what in ("event", "view", "cart", "item", "category", "item_view")),
        *(f"session_{what}_count" for what in ("purchase", "category_view")),
        *("session_seconds", "session_item_seconds", "session_item_view_share", "other_open_carts"),
    ],
    "affinity": [
        *("user_category_share_30d", "user_category_view_share_30d", "user_category_conversion_30d"),
        *("price_vs_viewed_30d", "price_vs_bought_30d", "discount_vs_viewed_30d"),
        *("price_log_vs_viewed_30d", "user_category_price_log_vs_viewed_30d"),
    ],
    "item": [
        "item_price",
        "item_base_price",
        "item_discount_pct",
        "item_category",
        *(f"item_{what}_count_{w}" for what in THREE for w in DAYS),
        "item_conversion_7d",
        "item_conversion_30d",
    ],
    "calendar": ["hour", "weekday", "is_cart"],
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_promised_name_is_there_and_no_other(family):
    assert sorted(f.name for f in FEATURES if f.family == family) == sorted(PROMISED[family])


def test_names_are_unique_and_never_a_column_of_examples():
    assert len(set(NAMES)) == len(NAMES)
    assert not set(NAMES) & set(DECISIONS.arrow.names)


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_a_feature_is_described_and_typed(feature):
    assert feature.description.endswith(".")
    assert ("Null" in feature.description) == feature.nullable
    assert (feature.unit == "count") == (feature.dtype == "int32")


def test_a_name_ends_in_its_window():
    for feature in FEATURES:
        if feature.window in WINDOWS and feature.name.rsplit("_", 1)[-1] in WINDOWS:
            assert feature.name.endswith(f"_{feature.window}")


def test_a_name_begins_with_its_key():
    for feature in FEATURES:
        key = feature.formula.times[0].key
        if key in ("user_item", "user_category", "item"):
            assert feature.name.startswith((f"{key}_", "session_item_", "session_category_"))


def test_counts_are_never_null_but_where_there_is_no_category():
    nullable = {f.name for f in FEATURES if f.unit == "count" and f.nullable}
    counts = {name for name in NAMES if name.startswith("user_category_") and "_count_" in name}
    assert nullable == counts | {"session_category_view_count"}


def test_the_table_has_the_columns_of_examples_and_then_the_features():
    columns = schema(["context_channel", "label", "context_device"])
    assert columns.names == [*DECISIONS.arrow.names, *NAMES, "context_channel", "context_device"]
    assert columns.field("context_device") == pa.field("context_device", pa.string())
    types = {"int8": pa.int8(), "int32": pa.int32(), "float64": pa.float64(), "string": pa.string()}
    for feature in FEATURES:
        assert columns.field(feature.name) == pa.field(feature.name, types[feature.dtype], feature.nullable)


def test_only_differences_can_be_below_0():
    signed = {feature.name for feature in FEATURES if feature.minimum is None and feature.dtype != "string"}
    assert signed == {
        *("item_discount_pct", "discount_vs_viewed_30d"),
        *("price_log_vs_viewed_30d", "user_category_price_log_vs_viewed_30d"),
        *("user_item_discount_at_last", "user_item_discount_at_first", "user_item_dwell_log_vs_user_30d"),
        *("user_item_last_dwell_log_vs_user", "user_item_largest_dwell_log_vs_user"),
    }
