"""Third, writing: rows are staged, tables and quarantine are written, and the ledger accounts for every row."""
