"""Real shops' logs, where they are at hand: in the folder WILLBUY_REAL_DATA, or in shared/data beside the checkout."""

import os
from pathlib import Path

import pytest

from willbuy.ingest import ingest
from willbuy.ingest.reporting import placeholders, quality, steadiness
from willbuy.ingest.reporting.sufficient import require_trainable
from willbuy.splits import LogTooShort

ROOT = Path(__file__).parents[2]
FOLDERS = [Path(os.environ.get("WILLBUY_REAL_DATA") or "nowhere"), ROOT.parent / "shared/data"]


def real(name: str) -> Path:
    found = [folder / name for folder in FOLDERS if (folder / name).is_file()]
    if not found:
        pytest.skip(f"{name} is neither in WILLBUY_REAL_DATA nor in ../shared/data")
    return found[0]


def test_the_merch_store(tmp_path):
    log = real("merch_store_2016-08_09.csv.gz")
    ledger = ingest(log, ROOT / "examples/merch_store.yaml", tmp_path)
    ledger.check()
    assert ledger.rows == 134_345 and set(ledger.quarantined) == {"exact duplicate"}
    purchases, unseen = quality.unseen_purchases(tmp_path / "events.parquet")
    assert unseen < 0.1 * purchases
    assert require_trainable(tmp_path / "events.parquet", 7, 0.7, 0.15)


def test_the_merch_store_lost_its_purchases_for_a_day_and_did_not_fill_in_a_template(tmp_path):
    ingest(real("merch_store_2016-08_09.csv.gz"), ROOT / "examples/merch_store.yaml", tmp_path)
    hours = steadiness.by_hour(tmp_path / "events.parquet")
    outages, thin = steadiness.outages(hours), steadiness.thin_days(steadiness.by_day(hours))
    assert steadiness.breaks(outages, thin).startswith("no purchase from 2016-08-02 20:00 to 2016-08-04 18:00")
    assert (len(outages), [f"{day:%Y-%m-%d}" for day in thin.day]) == (1, ["2016-08-03"])
    found = placeholders.suspects(tmp_path / "events.parquet", tmp_path / "items.parquet")
    assert found[["column", "value"]].to_numpy().tolist() == [["category", "${escCatTitle}"]]


def test_the_merch_store_by_its_own_product_numbers_is_advised_against(tmp_path):
    log = real("merch_store_2016-08_09.csv.gz")
    by_number = (ROOT / "examples/merch_store.yaml").read_text().replace("item_id: product_name", "item_id: product_id")
    (tmp_path / "mapping.yaml").write_text(by_number)
    ingest(log, tmp_path / "mapping.yaml", tmp_path)
    assert "coarser" in quality.item_id_advice(*quality.unseen_purchases(tmp_path / "events.parquet"))


def test_three_hours_of_rees46(tmp_path):
    ledger = ingest(real("rees46_2019-10-01_0000-0250.csv.gz"), "rees46", tmp_path)
    ledger.check()
    assert ledger.quarantined["truncated line"] == 1 and ledger.quarantine_share < 0.001
    with pytest.raises(LogTooShort, match="too short to train on.*at least"):
        require_trainable(tmp_path / "events.parquet", 7, 0.7, 0.15)
