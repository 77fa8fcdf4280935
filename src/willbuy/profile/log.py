"""Questions about the log of the simulated shop, its people, its items and its truth."""

from pathlib import Path

import pandas as pd

from willbuy.clock import minutes_us
from willbuy.database import query
from willbuy.schema import CART, DECISION_TYPES, PURCHASE, VIEW

DAY = "(timestamp AT TIME ZONE 'UTC')::DATE::TIMESTAMP"


def decisions(events: Path) -> int:
    """How many decision points the log holds."""
    return query(
        f"SELECT count(*) AS n FROM read_parquet($events) WHERE event_type IN {DECISION_TYPES}", events=events
    ).n[0]


def days(events: Path) -> int:
    """How many UTC days the log spans, the first and the last included."""
    first_to_last = f"SELECT date_diff('day', min({DAY}), max({DAY})) + 1 AS n FROM read_parquet($events)"
    return int(query(first_to_last, events=events).n[0])


def around_first_purchase(events: Path, before: int = 8, after: int = 4) -> pd.DataFrame:
    """The events of one shopper around the first purchase of the log (around its first event, without any purchase)."""
    first = f"SELECT * FROM read_parquet($events) ORDER BY event_type = '{PURCHASE}' DESC, timestamp LIMIT 1"
    purchase = query(first, events=events).iloc[0]
    theirs = "SELECT * FROM read_parquet($events) WHERE user_id = $who ORDER BY timestamp"
    one = query(theirs, events=events, who=purchase.user_id)
    near = one.timestamp.searchsorted(purchase.timestamp)
    return one.iloc[max(near - before, 0) : near + after]


def personas(users: Path, events: Path) -> pd.DataFrame:
    """Users, events, views and purchases by persona."""
    sql = f"""
    SELECT persona, count(DISTINCT user_id) AS users, count(event_type) AS events,
        count(*) FILTER (event_type = '{VIEW}') AS views, count(*) FILTER (event_type = '{PURCHASE}') AS purchases
    FROM read_parquet($users) u LEFT JOIN read_parquet($events) e USING (user_id) GROUP BY persona
    """
    return query(sql, users=users, events=events).set_index("persona")


def views(events: Path) -> pd.DataFrame:
    """Hour, weekday (Monday = 0) and day of every view, UTC."""
    sql = f"""
    SELECT hour(timestamp AT TIME ZONE 'UTC') AS hour, isodow(timestamp AT TIME ZONE 'UTC') - 1 AS weekday, {DAY} AS day
    FROM read_parquet($events) WHERE event_type = '{VIEW}'
    """
    return query(sql, events=events)


def channels(events: Path, truth: Path) -> pd.DataFrame:
    """By channel: views, their share of all views, and their mean true probability of a purchase."""
    sql = f"""
    SELECT context_channel AS channel, count(*) AS views, avg(probability) AS truth
    FROM read_parquet($events) JOIN read_parquet($truth) USING (user_id, item_id, timestamp, event_type)
    WHERE event_type = '{VIEW}' GROUP BY 1 ORDER BY truth DESC
    """
    found = query(sql, events=events, truth=truth).set_index("channel")
    return found.assign(share=found.views / found.views.sum())


def daily_price(events: Path) -> pd.DataFrame:
    """Lowest and highest price a day of the item with the most events: day, price, highest."""
    sql = f"""
    SELECT {DAY} AS day, min(price) AS price, max(price) AS highest FROM read_parquet($events)
    WHERE item_id = (
        SELECT item_id FROM read_parquet($events) GROUP BY item_id ORDER BY count(*) DESC, item_id LIMIT 1
    ) GROUP BY 1 ORDER BY 1
    """
    return query(sql, events=events)


def discounts(events: Path, items: Path) -> pd.DataFrame:
    """Views by the discount of the item, in whole percent."""
    sql = f"""
    SELECT round(100 * (1 - e.price / i.base_price))::INT AS percent_off, count(*) AS views
    FROM read_parquet($events) e JOIN read_parquet($items) i USING (item_id)
    WHERE event_type = '{VIEW}' GROUP BY 1 ORDER BY 1
    """
    return query(sql, events=events, items=items).set_index("percent_off")


def funnel(events: Path) -> pd.Series:
    """Pairs of a user and an item: looked_at, carted, bought, carted_and_bought."""
    sql = f"""
    WITH pairs AS (
        SELECT bool_or(event_type = '{CART}') AS carted, bool_or(event_type = '{PURCHASE}') AS bought
        FROM read_parquet($events) GROUP BY user_id, item_id
    )
    SELECT count(*) AS looked_at, count(*) FILTER (carted) AS carted, count(*) FILTER (bought) AS bought,
        count(*) FILTER (carted AND bought) AS carted_and_bought FROM pairs
    """
    return query(sql, events=events).iloc[0]


def truth_by_tenth(truth: Path, events: Path, horizon_days: int, min_lead_minutes: float) -> pd.DataFrame:
    """Each tenth of the decision points whose horizon the log covers: mean truth, expected and real purchases."""
    sql = f"""
    WITH known AS (
        SELECT *, ntile(10) OVER (ORDER BY probability) AS tenth FROM read_parquet($truth)
        WHERE timestamp + to_days($horizon) < (SELECT max(timestamp) FROM read_parquet($events))
    ), sales AS (SELECT user_id, item_id, timestamp FROM read_parquet($events) WHERE event_type = '{PURCHASE}')
    SELECT tenth, count(*) AS decision_points, avg(probability) AS truth, sum(probability) AS expected,
        sum(coalesce(s.timestamp <= k.timestamp + to_days($horizon), false)::INT) AS bought
    FROM known k ASOF LEFT JOIN sales s
        ON k.user_id = s.user_id AND k.item_id = s.item_id AND k.timestamp + to_microseconds($lead) < s.timestamp
    GROUP BY tenth ORDER BY tenth
    """
    values = {"truth": truth, "events": events, "horizon": horizon_days, "lead": minutes_us(min_lead_minutes)}
    found = query(sql, **values).set_index("tenth")
    return found.assign(share_bought=found.bought / found.decision_points)


def begun_without_a_view(events: Path) -> int:
    """Pairs of a user and an item whose first event is no view."""
    first = "SELECT arg_min(event_type, timestamp) AS first FROM read_parquet($events) GROUP BY user_id, item_id"
    return query(f"SELECT count(*) AS n FROM ({first}) WHERE first <> '{VIEW}'", events=events).n[0]
