from datetime import UTC, datetime

LOG = r"""127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /product/17 HTTP/1.0" 200 2326 "http://x/" "Mozilla/4.08"
10.0.0.1 - - [10/Oct/2000:13:56:36 -0700] "GET /shop?add-to-cart=17&x=1 HTTP/1.1" 302 0 "-" "say \"hi\", you"
127.0.0.1 - frank [10/Oct/2000:13:57:36 -0700] "POST /cart/17 HTTP/1.0" 200 1 "-" "-"
127.0.0.1 - frank [10/Oct/2000:13:58:36 -0700] "POST /order/17 HTTP/1.0" 200 1 "-" "-"
127.0.0.1 - frank [10/Oct/2000:13:59:36 -0700] "POST /order/18 HTTP/1.0" 500 1 "-" "-"
127.0.0.1 - frank [10/Oct/2000:13:59:37 -0700] "POST /product/18 HTTP/1.0" 200 1 "-" "-"
127.0.0.1 - frank [10/Oct/2000:13:59:38 -0700] "GET /product/caf%E9 HTTP/1.0" 200 1 "-" "-"
127.0.0.1 - - [10/Foo/2000:13:59:36 -0700] "GET /product/18 HTTP/1.0" 200 1 "-" "-"
127.0.0.1 - - [10/Oct/2000:13:59:36 -0700] "GET /style.css HTTP/1.0" 200 1 "-" "-"
no request at all
"""


def test_requests_for_the_paths_of_a_shop(bench, read):
    ledger = read("apache", {"access.log": LOG})
    assert bench.values("events", "user_id", "item_id", "event_type") == [
        ("frank", "17", "view"), ("10.0.0.1", "17", "add_to_cart"), ("frank", "17", "add_to_cart"),
        ("frank", "17", "purchase"), ("frank", "caf%E9", "view"),
    ]  # fmt: skip
    assert bench.values("events", "timestamp")[0] == datetime(2000, 10, 10, 20, 55, 36, tzinfo=UTC)
    assert ledger.quarantined == {"unparseable time": 1} and bench.values("quarantine", "line") == [8]
