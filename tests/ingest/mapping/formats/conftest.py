import pytest

from willbuy.ingest import Ledger, ingest


@pytest.fixture
def read(bench):
    """Write the files of a log (name → content) and ingest them as a built-in format; item files are left beside."""

    def ingest_as(log_format: str, files: dict[str, str | bytes]) -> Ledger:
        for name, data in files.items():
            bench.write(data, name)
        log = [bench.folder / name for name in files if not name.startswith(("item", "product"))]
        return ingest(log, log_format, bench.out, max_quarantine_share=0.5)

    return ingest_as
