import pyarrow as pa

from willbuy.schema import DECISION_TYPES


def test_events_are_sorted_and_a_user_never_has_two_at_once(events):
    order = ["timestamp", "user_id", "item_id", "event_type"]
    assert events[order].equals(events.sort_values(order, ignore_index=True)[order])
    assert not events.duplicated(["user_id", "timestamp"]).any()


def test_the_truth_has_a_row_for_each_decision_point_and_no_other(shop, events):
    columns = ["user_id", "item_id", "timestamp", "event_type"]
    decisions = events.loc[events.event_type.isin(DECISION_TYPES), columns].reset_index(drop=True)
    assert decisions.equals(shop.truth.to_pandas()[columns])


def test_first_seen_is_the_first_event_and_null_for_who_never_came(shop, events):
    users = shop.users.to_pandas().set_index("user_id")
    first = events.groupby("user_id").timestamp.min()
    assert users.first_seen.dropna().sort_index().equals(first.astype(users.first_seen.dtype).rename("first_seen"))
    assert users.first_seen.isna().any()


def test_the_price_is_the_base_price_less_a_configured_discount(shop, events):
    base = events.item_id.map(shop.items.to_pandas().set_index("item_id").base_price)
    percent = 100 * (1 - events.price / base)
    assert percent.min() == 0 and percent.max() < 41
    daily = events.groupby(["item_id", events.timestamp.dt.date]).price.nunique()
    assert (daily == 1).all()


def test_ids_are_text_whose_order_is_their_number(shop):
    names = shop.users["user_id"].to_pylist()
    assert names == sorted(names) and names[0] == "u00001"
    assert shop.users.schema.field("user_id").type == pa.string()
