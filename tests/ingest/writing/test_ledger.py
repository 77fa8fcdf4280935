import pytest

from willbuy.ingest.writing.ledger import Ledger, TooMuchQuarantined, require_use

LEDGER = Ledger(2, 100, 80, {"missing time": 3, "negative price": 7}, {"fav": 6}, 4)


def test_sums_and_shares():
    LEDGER.check()
    assert (LEDGER.quarantined_rows, LEDGER.ignored_rows, LEDGER.quarantine_share) == (10, 6, 0.1)
    assert LEDGER.reasons() == "negative price 7, missing time 3"
    assert Ledger(0, 0, 0, {}, {}).quarantine_share == 0


@pytest.mark.parametrize("events", [79, 81])
def test_a_lost_or_invented_row_is_an_error(events):
    with pytest.raises(AssertionError, match="100 rows were read"):
        Ledger(2, 100, events, LEDGER.quarantined, LEDGER.ignored, 4).check()


def test_the_share_is_a_limit():
    require_use(LEDGER, 0.1, "")
    with pytest.raises(TooMuchQuarantined, match=r"10 of 100 rows \(10.0%\).*0.09.*negative price 7.*an example"):
        require_use(LEDGER, 0.09, "an example")
