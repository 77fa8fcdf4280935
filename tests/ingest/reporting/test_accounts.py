from datetime import UTC, datetime

import pytest

from willbuy.ingest import TooMuchQuarantined
from willbuy.ingest.reporting import accounts


def test_what_became_of_the_rows_of_each_file(bench, header, rows, mapping):
    more = mapping + "ignore: [fav]\nitems: {log: cats.csv, columns: {item_id: id, category: name}}\n"
    bench.write("id,name,colour\ni1,shoes,red\n,hats,red\n", "cats.csv")
    paths = [
        bench.write(header + rows(20), "1.csv"),
        bench.write(header + rows(1) + "u,i,fav,2024-01-01,1\nu,i,view,soon,1\nu,i,view,2024-02-01,x\nu,i\n", "2.csv"),
    ]
    ledger = bench.read(paths, more)
    ledger.check()
    found = accounts.by_file(ledger)
    assert [name.rpartition("/")[2] for name in found.index] == ["1.csv", "2.csv", "cats.csv"]
    assert found[["rows", "events", "ignored", "quarantined"]].to_numpy().tolist() == [
        [20, 20, 0, 0], [5, 1, 1, 3], [2, 0, 0, 1],
    ]  # fmt: skip
    assert found.reasons.tolist() == [
        "",
        "exact duplicate 1, truncated line 1, unparseable time 1",
        "missing item id 1",
    ]
    assert found["last"].iloc[1] == datetime(2024, 2, 1, tzinfo=UTC)
    assert ledger.unused == ("colour",)
    assert accounts.totals(ledger).rows.tolist() == [27, 21, 4, 1, 1]


def test_a_log_that_is_refused_has_its_accounts_too(bench, header, rows, mapping):
    with pytest.raises(TooMuchQuarantined) as refused:
        bench.ingest(header + rows(5) + "x\n", mapping, max_quarantine_share=0)
    assert accounts.by_reason(refused.value.ledger).rows.to_dict() == {"truncated line": 1}
    assert accounts.by_file(refused.value.ledger).quarantined.tolist() == [1]
