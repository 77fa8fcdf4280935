"""Real shops' logs: read through a mapping, checked row by row, and written as the tables of schema.py."""

from willbuy.ingest.errors import IngestError
from willbuy.ingest.ingesting import ingest
from willbuy.ingest.writing.ledger import Ledger, TooMuchQuarantined

__all__ = ["IngestError", "Ledger", "TooMuchQuarantined", "ingest"]
