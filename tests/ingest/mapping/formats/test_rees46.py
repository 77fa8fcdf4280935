from datetime import UTC, datetime

LOG = """event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde-8bb3
2019-10-01 00:00:01 UTC,cart,3900821,2053013552326770905,appliances.environment,aqua,33.20,554748717,9333dfbd
2019-10-01 00:00:02 UTC,remove_from_cart,3900821,2053013552326770905,appliances.environment,,33.20,554748717,9333dfbd
2019-10-01 00:00:03 UTC,purchase,3900821,2053013552326770905,appliances.environment,aqua,33.20,554748717,9333dfbd
2019-10-01 02:50:00 UTC,view,10900305,2053013555069845885,appliances.kitchen.mixer,elenberg,25.71,52040330"""


def test_the_public_header_and_a_last_line_that_is_cut_off(bench, read):
    ledger = read("rees46", {"2019-Oct.csv": LOG})
    assert ledger.quarantined == {"truncated line": 1}
    assert bench.values("quarantine", "line") == [6]
    assert bench.values("events", "user_id", "item_id", "event_type", "price") == [
        ("541312140", "44600062", "view", 35.79),
        ("554748717", "3900821", "add_to_cart", 33.2),
        ("554748717", "3900821", "remove_from_cart", 33.2),
        ("554748717", "3900821", "purchase", 33.2),
    ]
    assert bench.values("events", "timestamp")[1] == datetime(2019, 10, 1, 0, 0, 1, tzinfo=UTC)
    assert dict(bench.values("items", "item_id", "category")) == {
        "44600062": "2103807459595387724", "3900821": "appliances.environment",
    }  # fmt: skip
