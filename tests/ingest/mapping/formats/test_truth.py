"""A built-in format gives one truth back: users, items, kinds, times, prices and categories, no more and no less."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from ingest.mapping.formats import json_writers, text_writers, woocommerce_writer
from ingest.mapping.formats.truth import ADD, BUY, EVENTS, REMOVE, VIEW, Carries, awkward, digits, found, truth, whole

from willbuy.ingest.mapping.mapping import built_in

SECONDS = 1_000_000


class Case(NamedTuple):
    write: Callable
    carries: Carries
    user: Callable = awkward
    item: Callable = awkward
    category: Callable = awkward


CASES = {
    # Whole seconds; a visitor is two numbers; only a purchase has a price.
    "adobe": Case(text_writers.adobe, Carries(step=SECONDS, priced=(BUY,)), user=lambda n: f"{n}-{n:03}"),
    # Whole seconds; no removals, no prices, no categories; a user is a name without blanks or an address.
    "apache": Case(
        text_writers.apache, Carries((VIEW, ADD, BUY), SECONDS, (), ()),
        user=lambda n: f"10.1.{n // 250}.{n % 250}" if n % 3 else f"{n:05}",
    ),
    # No carts, no prices; ids are numbers.
    "diginetica": Case(text_writers.diginetica, Carries((VIEW, BUY), priced=()), digits, digits, digits),
    # Everything, to the microsecond.
    "ga4": Case(json_writers.ga4, Carries(step=1)),
    # Whole seconds; no removals; a cart is known where it was left.
    "matomo": Case(json_writers.matomo, Carries((VIEW, ADD, BUY), SECONDS)),
    # No removals, no prices, no categories; ids are numbers.
    "otto": Case(json_writers.otto, Carries((VIEW, ADD, BUY), priced=(), categorised=()), whole, whole),
    # Whole seconds; ids are numbers.
    "rees46": Case(text_writers.rees46, Carries(step=SECONDS), digits, digits),
    # No removals, no prices; ids are numbers.
    "retailrocket": Case(text_writers.retailrocket, Carries((VIEW, ADD, BUY), priced=()), digits, digits, digits),
    # Everything, to the millisecond.
    "segment": Case(json_writers.segment, Carries()),
    # An order's time is in whole seconds, and it has no category; ids are numbers.
    "shopify": Case(
        json_writers.shopify,
        Carries(step=lambda kind: SECONDS if kind == BUY else 1_000, categorised=(VIEW, ADD, REMOVE)), whole, whole,
    ),
    # Everything, to the millisecond.
    "snowplow": Case(json_writers.snowplow, Carries()),
    # Whole seconds; no removals; prices of purchases only; a user is an address.
    "woocommerce": Case(
        woocommerce_writer.write, Carries((VIEW, ADD, BUY), SECONDS, priced=(BUY,)),
        user=lambda n: f"10.1.{n // 250}.{n % 250}", item=whole,
    ),
    # No carts; whole prices, of purchases only; a category of clicks only; ids are numbers.
    "yoochoose": Case(
        text_writers.yoochoose, Carries((VIEW, BUY), priced=(BUY,), categorised=(VIEW,), cents=100),
        digits, digits, digits,
    ),
}  # fmt: skip


def test_the_truth_is_told_to_formats_that_exist():
    assert set(CASES) <= set(built_in())
    assert len(truth()) == EVENTS


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_format_gives_the_truth_back(bench, read, name):
    case = CASES[name]
    events = truth(case.user, case.item, case.category)
    expected = case.carries.rows(events)
    ledger = read(name, case.write(case.carries.of(events)))
    assert (ledger.events, ledger.quarantined, ledger.ignored) == (expected.total(), {}, {})
    rows = found(bench)
    assert (list((expected - rows).items())[:3], list((rows - expected).items())[:3]) == ([], [])
    assert dict(bench.values("items", "item_id", "category")) == case.carries.categories(events)
