"""The items' own file, if the shop has one: what an item's first row there says of it."""

from __future__ import annotations

from willbuy.ingest.judging.events import case, evidence, number, number_reasons, parsed_time, time_reasons, values
from willbuy.ingest.mapping.layout import Catalogue
from willbuy.ingest.reading.relation import Relation, literal


def classify_items(relation: Relation, catalogue: Catalogue) -> str:
    """The query that turns an item file into rows.

    Columns: line, reason, text, picked, item_id, timestamp, category, base_price. `picked` says whether the row
    satisfies `where`; only a picked row can be wrong, unless its line is broken.
    """
    v = values(relation, catalogue)
    picked = [
        f"coalesce({relation.columns[name]} = {literal(value)}, false)" for name, value in catalogue.where.items()
    ]
    clock = parsed_time(relation, catalogue.columns.timestamp or (), catalogue.timestamp)
    return f"""
WITH raw AS (
    SELECT line, problem, text, {" AND ".join(picked) or "true"} AS picked, {v["item_id"]} AS item_id,
        {v["timestamp"]} AS raw_time, {v["category"]} AS category, {v["base_price"]} AS raw_price
    FROM ({relation.select})
),
parsed AS (SELECT *, {clock} AS timestamp, {number("raw_price", ".")} AS base_price FROM raw),
judged AS (SELECT *, {case(_reasons())} AS reason FROM parsed)
SELECT line, reason, {evidence(time="raw_time", price="raw_price")} AS text, picked AND reason IS NULL AS picked,
    item_id, timestamp, category, base_price
FROM judged"""


def _reasons():
    reasons = [("item_id IS NULL", "missing item id"), *time_reasons()]
    reasons += number_reasons("price", "raw_price", "base_price")
    return [(f"picked AND ({condition})", reason) for condition, reason in reasons]
