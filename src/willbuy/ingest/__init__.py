"""Real shops' logs: a mapping describes them; they are read, judged row by row, written as tables and reported on."""

from willbuy.ingest.errors import IngestError
from willbuy.ingest.ingesting import ingest
from willbuy.ingest.writing.ledger import Ledger, TooMuchQuarantined

__all__ = ["IngestError", "Ledger", "TooMuchQuarantined", "ingest"]
