"""The truth as text, as the vendors document it: a writer gives the files' names and contents."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import timedelta, timezone
from urllib.parse import quote

from ingest.mapping.formats.truth import ADD, BUY, REMOVE, VIEW, Event, at_once


def _table(header: str, rows: Iterable[Iterable], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header.split(","), *rows] if header else rows)
    return text.getvalue()


def adobe(events: list[Event]) -> dict[str, str]:
    """https://experienceleague.adobe.com/docs/analytics/export/analytics-data-feed/data-feed-contents/datafeeds-spec-chars.html:
    inside a list ^ escapes the separators, and everywhere a backslash escapes itself. A price is for purchases only."""
    numbers = {VIEW: "2", ADD: "12", REMOVE: "13", BUY: "1"}
    header = "hit_time_gmt\texclude_hit\tpost_visid_high\tpost_visid_low\tpost_event_list\tpost_product_list\n"
    hits = (
        (f"{group[0].time // 1_000_000}", "0", *group[0].user.split("-"), f"{numbers[group[0].kind]},200", _list(group))
        for group in at_once(events)
    )
    return {"hit_data.tsv": header + "".join("\t".join(hit) + "\n" for hit in hits)}


def _list(group: list[Event]) -> str:
    def product(n: int, e: Event) -> str:
        sold = f"{1 + n};{e.price * (1 + n) / 100:.2f}" if e.kind == BUY else ";"
        return f"{_escaped(e.category)};{_escaped(e.item)};{sold};event1=2;eVar1=red"

    return ",".join(product(n, e) for n, e in enumerate(group))


def _escaped(text: str) -> str:
    return "".join("^" + c if c in "^,;=" else c for c in text).replace("\\", "\\\\")


def apache(events: list[Event]) -> dict[str, str]:
    """https://httpd.apache.org/docs/2.4/logs.html#combined: a URL is logged as it was asked for, percent-encoded."""
    zone = timezone(timedelta(hours=-5))
    paths = {VIEW: "GET /product/{}", ADD: "GET /shop?add-to-cart={}&x=1", BUY: "POST /order/{}"}

    def line(e: Event) -> str:
        who = f"{e.user} - -" if "." in e.user else f"10.0.0.1 - {e.user}"
        request = paths[e.kind].format(quote(e.item, safe=""))
        when = e.moment.astimezone(zone).strftime("%d/%b/%Y:%H:%M:%S %z")
        return f'{who} [{when}] "{request} HTTP/1.1" 200 2326 "http://x/" "Mozilla/4.08 \\"x\\""\n'

    return {"access.log": "".join(map(line, events))}


def diginetica(events: list[Event]) -> dict[str, str]:
    """https://competitions.codalab.org/competitions/11161: here a session's first query was at midnight."""

    def when(e: Event) -> tuple[int, str]:
        return e.time // 1_000 % 86_400_000, e.moment.strftime("%Y-%m-%d")

    views = ((e.user, "NA", e.item, *when(e)) for e in events if e.kind == VIEW)
    buys = ((e.user, "NA", *when(e), n, e.item) for n, e in enumerate(events) if e.kind == BUY)
    categories = {e.item: e.category for e in events}
    return {
        "train-item-views.csv": _table("sessionId,userId,itemId,timeframe,eventdate", views, ";"),
        "train-purchases.csv": _table("sessionId,userId,timeframe,eventdate,ordernumber,itemId", buys, ";"),
        "product-categories.csv": _table("itemId,categoryId", categories.items(), ";"),
    }


def rees46(events: list[Event]) -> dict[str, str]:
    """https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store."""
    header = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
    rows = (
        (f"{e.moment:%Y-%m-%d %H:%M:%S} UTC", "cart" if e.kind == ADD else e.kind, e.item, "2053013552326770905",
         e.category, 'a, "b"', f"{e.price / 100:.2f}", e.user, "72d76fde-8bb3")
        for e in events
    )  # fmt: skip
    return {"2024-Jan.csv": _table(header, rows)}


def retailrocket(events: list[Event]) -> dict[str, str]:
    """https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset: a category is a property of the item."""
    names = {VIEW: "view", ADD: "addtocart", BUY: "transaction"}
    rows = ((e.time // 1_000, e.user, names[e.kind], e.item, "4000" if e.kind == BUY else "") for e in events)
    first = {e.item: (e.time // 1_000, e.item, "categoryid", e.category) for e in reversed(events)}
    return {
        "events.csv": _table("timestamp,visitorid,event,itemid,transactionid", rows),
        "item_properties_part1.csv": _table("timestamp,itemid,property,value", first.values()),
    }


def yoochoose(events: list[Event]) -> dict[str, str]:
    """https://www.kaggle.com/datasets/chadgostopp/recsys-challenge-2015: no headers, whole prices."""
    clicks = ((e.user, e.iso(), e.item, e.category) for e in events if e.kind == VIEW)
    buys = ((e.user, e.iso(), e.item, e.price // 100, 1) for e in events if e.kind == BUY)
    return {"yoochoose-clicks.dat": _table("", clicks), "yoochoose-buys.dat": _table("", buys)}
