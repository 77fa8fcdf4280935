"""The ledger as tables that people read."""

import pandas as pd

from willbuy.ingest.writing.ledger import FileRows, Ledger


def totals(ledger: Ledger) -> pd.DataFrame:
    """What became of all rows, and which share that is."""
    rows = [ledger.rows, ledger.events, ledger.quarantined_rows, ledger.ignored_rows, ledger.catalogue]
    table = pd.DataFrame({"rows": rows}, index=["read", "events", "quarantined", "ignored", "item file"])
    return table.assign(share=(table.rows / max(ledger.rows, 1)).round(4))


def by_reason(ledger: Ledger) -> pd.DataFrame:
    """The quarantine by reason, the commonest first."""
    return pd.Series(ledger.quarantined, name="rows", dtype=int).rename_axis("reason").to_frame()


def by_file(ledger: Ledger) -> pd.DataFrame:
    """What became of the rows of each file, and the times that its events span."""
    return pd.DataFrame(ledger.by_file, columns=list(FileRows._fields)).set_index("file")
