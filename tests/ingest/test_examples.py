from pathlib import Path

from willbuy.ingest import ingest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_merch_store(bench):
    log = """event_time,event_type,product_id,category,product_name,price,amount,user_id,visit,channel,device,country
2016-08-01T07:06:52.645Z,view,GGOEGETR014599,Home/Electronics/,Google Power Bank,16.99,,0798,0798-1,Direct,mobile,Canada
2016-08-01T07:07:52.645Z,cart,GGOEGETR014600,(not set),Google Power Bank,16.99,1,0798,0798-1,Direct,mobile,(not set)
2016-08-01T07:08:52.645Z,purchase,GGOEGETR014601,(not set),Google Power Bank,16.99,1,0798,0798-1,Direct,mobile,(not set)
"""
    ingest(bench.write(log), EXAMPLES / "merch_store.yaml", bench.out)
    assert set(bench.values("events", "user_id", "item_id")) == {("0798", "Google Power Bank")}
    assert bench.values("items", "category", "base_price") == [("Home/Electronics/", 16.99)]
    assert bench.values("events", "context_channel", "context_device", "context_country") == [
        ("Direct", "mobile", "Canada"),
        ("Direct", "mobile", None),
        ("Direct", "mobile", None),
    ]
