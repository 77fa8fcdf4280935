import json

import pyarrow as pa
import pytest

from willbuy.ingest import IngestError


@pytest.fixture
def prices(bench, header, mapping):
    """The prices that texts mean, by a mapping with these further lines."""

    def read(texts, also):
        rows = "".join(f'u,i{n:03},view,2024-01-01,"{text}"\n' for n, text in enumerate(texts))
        bench.ingest(header + rows, mapping + also)
        return [price for _, price in sorted(bench.values("events", "item_id", "price"))]

    return read


@pytest.mark.parametrize(
    ("also", "meant"),
    [
        ("decimal: ','", {"12,99": 12.99, "1.299,50": 1299.5, "1.299": 1299, "1299": 1299, "-0,0": 0, ",5": 0.5,
                          "12.99": None, "1.29.9": None, "1.2999,5": None, "12,99,1": None, "1299.500,1": None}),
        ("thousands: ','", {"1,299.50": 1299.5, "1,299": 1299, "12.99": 12.99, "12,99": None, "1,29": None}),
        ("decimal: ','\nthousands: ' '", {"1 299,50": 1299.5, "1\u00a0299": 1299, "1.299": None, "1299,5": 1299.5}),
        ("thousands: \"'\"", {"1'299.50": 1299.5, "1’299’000": 1299000, "1 299": None}),
        ("currency: ['€', EUR, CHF]", {"€12.99": 12.99, "12.99 €": 12.99, "EUR 5": 5, "5\u00a0EUR": 5, "$5": None,
                                       "5 EUR EUR": None, "EUR": None}),
        ("decimal: ','\ncurrency: $", {"$1.299,00": 1299, "1,5$": 1.5, "$12.99": None, "1e3$": 1000}),
    ],
)  # fmt: skip
def test_numbers_are_spelled_as_the_mapping_says_and_no_other_way(prices, also, meant):
    assert prices(meant, also + "\n") == list(meant.values())


def test_a_number_that_is_no_text_has_no_spelling(bench, mapping):
    """12.99 is twelve point ninety-nine, whatever texts look like."""
    row = {"user": "u", "kind": "view", "when": "2024-01-01"}
    rows = [row | {"item": n, "price": price} for n, price in enumerate([12.99, 1299, "1.299,50", "12.99"])]
    bench.ingest("".join(json.dumps(each) + "\n" for each in rows), mapping + "decimal: ','\n")
    assert sorted(bench.values("events", "item_id", "price")) == [("0", 12.99), ("1", 1299), ("2", 1299.5), ("3", None)]
    for prices in (pa.array([12.99]), pa.array([12.99], pa.float32()), pa.array(["12,99"])):
        table = pa.table({name: [value] for name, value in row.items()} | {"item": ["i"], "price": prices})
        bench.ingest(table, mapping + "decimal: ','\n", name="log.parquet")
        assert bench.values("events", "price") == [12.99]


def test_two_meanings_of_one_sign_are_refused(bench, header, rows, mapping):
    with pytest.raises(IngestError, match="thousands: '.' is the decimal sign"):
        bench.ingest(header + rows(3), mapping + "thousands: '.'\n")
